"""What operators' tools ask about rooms and media, in Synapse's form; off unless configured."""
