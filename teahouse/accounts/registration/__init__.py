"""Registration: how somebody becomes a member."""
