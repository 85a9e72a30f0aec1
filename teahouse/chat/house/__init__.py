"""The server's own accounts: what other domains send into rooms and to devices."""
