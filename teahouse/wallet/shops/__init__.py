"""Shops: who sells here, who works for them, with which keys, and what the house takes for it."""
