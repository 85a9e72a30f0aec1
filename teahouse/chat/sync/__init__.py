"""What a client has not seen yet: `/sync`, from memory where possible."""
