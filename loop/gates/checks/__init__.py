"""The coder checks, one file each, and the order they are asked in."""
