"""Mandates: a member's standing consent that somebody may charge their wallet, within bounds."""
