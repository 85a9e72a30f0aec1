"""What members do to their own accounts: password, passkeys, second factor, closing it."""
