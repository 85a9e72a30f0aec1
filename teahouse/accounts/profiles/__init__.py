"""Profiles: what members show of themselves."""
