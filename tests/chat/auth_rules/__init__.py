"""Tests of the authorization rules."""
