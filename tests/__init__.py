"""Teahouse's tests."""
