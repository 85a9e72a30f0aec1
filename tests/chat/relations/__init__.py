"""Tests of relations and threads."""
