"""Whole stories, told by real clients to a running server."""
