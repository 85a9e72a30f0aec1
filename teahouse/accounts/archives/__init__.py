"""What accounts put into a member's archive, and take out of one from another house."""
