"""A node: registers its machine, claims what it is assigned, runs it and hands in the result."""
