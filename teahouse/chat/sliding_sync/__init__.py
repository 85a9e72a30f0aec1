"""Simplified sliding sync (MSC4186): the rooms a client shows, no others. For Element X."""
