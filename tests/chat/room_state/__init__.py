"""Tests of reading state and members."""
