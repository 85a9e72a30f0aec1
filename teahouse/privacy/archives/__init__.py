"""Archives: everything that is kept about a member, as one file that they take with them."""
