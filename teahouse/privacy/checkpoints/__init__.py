"""Signed statements of the log's size and root, for anybody to keep and compare."""
