"""Confirmations: a member proves that they mean one payment, this payee and this amount."""
