"""Staff roles: who may do what in running the house."""
