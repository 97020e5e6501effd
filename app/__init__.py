"""Foreman's outside: webhooks in, reviews out, the command line."""
