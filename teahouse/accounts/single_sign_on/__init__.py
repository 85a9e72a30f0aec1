"""Signing in to any Matrix client on the house's own page: with password, code or passkey."""
