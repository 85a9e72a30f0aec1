"""The list of what a member was notified of, made anew from their rooms and rules."""
