"""Tests of sealed_boxes."""
