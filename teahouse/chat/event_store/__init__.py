"""Where the events and the state of rooms are kept, and how events are appended to a room.

Knows room versions and authorization; knows nothing of requests, of sync, or of who may read.
"""
