"""What members said yes and no to: off until they say so, taken back as easily as given."""
