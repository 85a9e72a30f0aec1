"""Tests of account data."""
