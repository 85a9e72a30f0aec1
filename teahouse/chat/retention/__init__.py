"""How long messages live: disappearing messages, and the lifetime that a room or the house sets.

A message whose time has come is emptied for good. Its place in the room stays, so that ids,
signatures and paging hold; state events stay as they are. Knows nothing of who reads.
"""
