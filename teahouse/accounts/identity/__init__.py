"""Identity: what others outside the house have confirmed of who a member is, and the tier."""
