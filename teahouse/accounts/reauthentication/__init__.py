"""User-interactive authentication: to show again that it is you, before something grave."""
