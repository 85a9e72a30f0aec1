"""Webhooks: tells a shop's own servers what happened, signed and until it arrives."""
