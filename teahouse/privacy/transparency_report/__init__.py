"""What the house publishes of official requests: counts, and a canary that dies unless renewed."""
