"""Limits: what a member may pay, by which rule, and when a second factor is asked for."""
