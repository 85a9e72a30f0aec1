"""Passkeys (WebAuthn): to sign in with a device and what unlocks it."""
