"""Tests of syncing."""
