"""Calls between members: credentials for the operator's TURN servers."""
