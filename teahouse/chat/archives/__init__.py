"""What chat puts into a member's archive, and what becomes of one from another house."""
