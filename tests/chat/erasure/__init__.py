"""Tests of erasing members."""
