"""What the speed rows of the roadmap are measured with; never a test."""
