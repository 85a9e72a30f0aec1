"""Tests of finding rooms and people."""
