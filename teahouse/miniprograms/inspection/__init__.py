"""What a mini-program's maker is told before it is installed: what its frame will not run."""
