"""Tests of reading a room's past."""
