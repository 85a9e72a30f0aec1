"""Tests of state resolution."""
