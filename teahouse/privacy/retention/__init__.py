"""How long data stays: who removes it, what was removed, and whether anything is too old."""
