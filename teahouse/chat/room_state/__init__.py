"""Reading a room's state and who is in it, as one member may see them."""
