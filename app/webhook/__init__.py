"""From a delivery to what it asks for: the door, the events, the commands, the decisions."""
