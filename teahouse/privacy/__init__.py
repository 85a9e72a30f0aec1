"""Privacy: what is kept about a member, who looked, and how it ends. Knows no other domain."""
