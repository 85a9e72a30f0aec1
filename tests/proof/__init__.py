"""Proof of what the whole server promises: over crashes, bad input, and the specification."""
