"""Level-based controllers: read the world, compare, act on the difference."""
