"""Requests: asking a member for money, and splitting a bill among the members of a room.

A request moves nothing: who is asked pays, declines or lets it be. A split is a request to each
of those who share a bill.
"""
