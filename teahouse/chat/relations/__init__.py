"""Asking for what relates to an event, and for the threads of a room.

What is told of relations beside each event is in `messages`.
"""
