"""Imports: what a member brings along from another house."""
