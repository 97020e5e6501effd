"""A Kubernetes API over SQLite, for one machine: enough of the protocol for kubectl and our client."""
