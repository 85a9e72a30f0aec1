"""Erasing a member who asked for it: a time to think it over, then all of it, then a certificate.

What is erased the domains know; `teahouse.app` hands over an `Eraser` made of their front doors.
"""
