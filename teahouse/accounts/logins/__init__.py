"""Logins: from a password or token to an access token, and from an access token to a member."""
