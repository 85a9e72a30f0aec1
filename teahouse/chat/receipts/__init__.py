"""Receipts: how far each member has read, overall and for each thread, and fully-read markers.

What others use: the queries that `/sync` and unread counts read, `rules.to_receipt_content`, and
the announcement `ReceiptChanged`. A fully-read marker is account data of the room.
"""
