"""The web client: how it is served, and what members do with it in a browser."""
