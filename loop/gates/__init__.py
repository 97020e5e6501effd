"""What must hold before work is called done: the repository's own commands, and content checks."""
