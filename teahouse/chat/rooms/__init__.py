"""Rooms: creating them, who is in them, their state, and who may read what."""
