"""What an agent may do, the sandbox it does it in, and the result it must hand in."""
