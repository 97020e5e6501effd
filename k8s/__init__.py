"""What persists: resources, the client, controllers, the node and the embedded API."""
