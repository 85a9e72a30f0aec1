"""The Matrix homeserver: rooms, messages, sync, keys, media, push, moderation."""
