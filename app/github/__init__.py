"""GitHub as we use it: identity, calls and their limits, permissions, tokens, the code host."""
