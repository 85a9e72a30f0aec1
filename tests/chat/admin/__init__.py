"""Tests of what operators' tools ask."""
