"""Chats that everybody has left: what was shown there goes 30 days later.

Only what the server can know: media of encrypted events it can tell to no chat, so for them there
is `media_days`.
"""
