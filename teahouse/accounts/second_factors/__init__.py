"""Second factors: one-time codes, and recovery codes for when the phone is lost."""
