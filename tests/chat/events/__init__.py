"""Tests of the form of events."""
