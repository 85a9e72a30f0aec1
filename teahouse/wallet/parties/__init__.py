"""Parties: who has money, a member or a shop, under an id that outlives their profile."""
