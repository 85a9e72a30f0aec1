"""What `teahouse check` verifies of chat: events, states, memberships, receipts and media.

Written apart from the code that stores them, so that what must never be wrong is checked twice.
"""
