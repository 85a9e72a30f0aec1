"""Sending events that are no state, redacting, and reading the timeline."""
