"""Filters: what a client wants to be told of.

`queries.find_filter` turns the `filter` of a request, JSON or an id, into a `Filter`; the rules
say what passes it.
"""
