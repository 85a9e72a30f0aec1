"""Tests of chat/keys."""
