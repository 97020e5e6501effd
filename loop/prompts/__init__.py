"""The words that models read: one Markdown file a role, one module that puts the task into words."""
