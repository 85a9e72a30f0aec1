"""The few Synapse-compatible calls about members that operators' tools use."""
