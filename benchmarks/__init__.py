"""Teahouse measured side by side with Synapse, on one machine and in one run."""
