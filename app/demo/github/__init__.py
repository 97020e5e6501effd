"""A strict local GitHub: REST, GraphQL, git over HTTP, Apps, webhooks and their deliveries.

It behaves as api.github.com does for what Foreman uses and answers 404 for the rest. Its state is
in memory except for the repositories, which are real bare git repositories.
"""
