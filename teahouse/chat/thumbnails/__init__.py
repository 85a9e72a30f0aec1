"""Thumbnails: small pictures from large ones, which anybody may have made to do harm.

Knows nothing of who asks or where pictures are kept.
"""
