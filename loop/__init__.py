"""What repeats: the agent loop, model protocols, workspaces, rails and gates."""
