"""The whole house over a long time, from a seed."""
