"""The scorecard: what others ask of a service like this one, and the tests that answer."""
