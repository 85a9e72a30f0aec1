"""Settlements: what a shop earned in a period, and the payout to its bank account.

A settlement covers a stretch of the postings of the shop's wallet, without gap or overlap, so its
sums are those of the books: opening + net + returned - paid out = closing.
"""
