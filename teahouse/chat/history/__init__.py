"""Reading a room's past: pages of its timeline, single events, what relates to them, threads.

Shows to everybody only what the room's history visibility lets them see. Knows nothing of waiting
clients: what is new comes from `sync`.
"""
