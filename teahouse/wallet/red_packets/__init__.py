"""Red packets: money given to a room or to one member, in shares that are claimed."""
