"""Push: what notifies whom, and how their devices hear of it."""
