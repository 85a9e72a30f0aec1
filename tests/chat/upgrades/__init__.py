"""Tests of upgrading rooms."""
