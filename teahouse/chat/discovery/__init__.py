"""What this server can do, told before and after signing in."""
