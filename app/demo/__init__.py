"""What the demo and the tests stand on: a GitHub of one's own, and the scenarios played on it."""
