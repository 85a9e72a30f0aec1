"""Tests of chat/to_device."""
