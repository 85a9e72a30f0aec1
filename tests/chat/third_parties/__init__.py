"""Tests of looking into other networks."""
