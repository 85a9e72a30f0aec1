"""Globs: patterns of push rules, server access lists and moderation policies."""
