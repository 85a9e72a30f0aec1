"""Tests of verified reports."""
