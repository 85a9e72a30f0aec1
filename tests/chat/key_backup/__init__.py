"""Tests of chat/key_backup."""
