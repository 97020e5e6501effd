"""The rails: one file per check of a reviewer's claims against the evidence, and their order."""
