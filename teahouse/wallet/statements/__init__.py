"""Statements: what happened in a wallet, to be read, searched, summed up and taken elsewhere."""
