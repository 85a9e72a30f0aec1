"""Tests of what `teahouse check` verifies of chat."""
