"""Codes that are scanned: a shop's EMV code, and the one-time code that a member shows."""
