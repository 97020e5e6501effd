"""Workload → tasks, round after round, as pure functions of spec and children."""
