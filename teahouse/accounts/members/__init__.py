"""Members: who has an account here."""
