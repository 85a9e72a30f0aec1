"""Disputes: a payer says a purchase went wrong, the shop answers, the house decides."""
