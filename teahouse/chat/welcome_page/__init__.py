"""The page at `/`: says to a person with a browser what this is and how to connect a client."""
