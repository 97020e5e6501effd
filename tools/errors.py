"""Errors by who must act."""

from __future__ import annotations


class ToolError(Exception):
    """A call the model can mend; the message goes to the model as it stands."""


class RegistryError(Exception):
    """An allow-list that no registry can be made of; the operator must mend the Agent."""
