"""Teahouse's own API for what opens an account: passkeys, one-time codes, recovery codes."""
