"""Paying in: a member transfers money to the house's account and names a reference of their own.

The reference is a structured creditor reference (ISO 11649), one for each member and currency. What
the bank has booked with it is credited once, by whichever message tells of it first; what names no
reference, or nobody's, stands in suspense until staff know whose it is.
"""
