"""Sealed boxes: what the law keeps of a member who was erased, until a date they know.

Each is sealed under a key of its own. Two of the staff and a case open one, which the log tells;
on the date the key is destroyed, and nobody opens it any more.
"""
