"""Workflow files: GitHub takes a push that touches them only from who may change workflows. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from loop.gates.finding import ContentFinding

_FOLDER = ".github/workflows/"


def find(paths: Iterable[str]) -> list[ContentFinding]:
    """One finding for each changed path below .github/workflows."""
    return [
        ContentFinding(
            "workflows",
            path,
            "a workflow file, which this App may not change; leave it as it is and say in the"
            " summary what a human has to change there",
        )
        for path in paths
        if path.casefold().startswith(_FOLDER)
    ]
