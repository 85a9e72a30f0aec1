"""Devices: where a member is signed in."""
