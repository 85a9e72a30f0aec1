"""Keeping rooms pleasant: reports, slow mode, join requests, and the log of who did what."""
