"""Git: mirrors, workspaces, evidence from history, and landing. GitPython is imported only here."""
