"""Finding rooms and people: the public directory, spaces, summaries, and who may be found."""
