"""Passwords: hashing them beside the server's other work, and checking them."""
