"""The log of who looked: a Merkle tree that cannot be rewritten unnoticed."""
