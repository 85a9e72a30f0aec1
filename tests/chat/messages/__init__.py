"""Tests of sending, redacting and bundles."""
