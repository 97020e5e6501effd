"""What a task kind means: coding, reviewing, verifying, answering."""
