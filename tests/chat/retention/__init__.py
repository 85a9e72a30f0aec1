"""Tests of how long messages live."""
