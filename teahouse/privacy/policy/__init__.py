"""What this house says about data of members: made from the data map, kept by version."""
