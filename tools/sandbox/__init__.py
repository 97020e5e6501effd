"""Where commands run: one runner protocol, and what stands behind it."""
