"""What people see on GitHub: planned from the resources, posted once, recorded in `status.reported`."""
