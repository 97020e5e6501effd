"""What can go wrong before a gate runs."""

from __future__ import annotations


class ProfileError(Exception):
    """The repository's owner: a file that should say how it is checked cannot be read."""
