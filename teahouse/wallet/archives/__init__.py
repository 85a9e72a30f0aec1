"""What the wallet puts into a member's archive."""
