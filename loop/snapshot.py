"""The issue as of the trigger: prompt, rails and `verdict explain` read this and nothing newer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.wire import Wire

SNAPSHOT_KEY = "issue.json"  # of its ConfigMap


class SnapshotComment(Wire):
    """A comment of somebody with write access."""

    author: str
    permission: str
    body: str


class Snapshot(Wire):
    """Kept as `issue.json` in ConfigMap `foreman-issue-<workload>-<N>`."""

    schema_version: Literal["foreman.issue.v1"] = "foreman.issue.v1"
    repository: str
    number: int
    title: str
    body: str = ""
    author: str = ""
    permission: str = ""  # of the author; empty: not known
    labels: list[str] = Field(default_factory=list)
    comments: list[SnapshotComment] = Field(default_factory=list)
    withheld: int = 0  # comments of people without write access

    @property
    def text(self) -> str:
        """All that was written: title, body, comments."""
        return "\n\n".join([self.title, self.body, *(c.body for c in self.comments)])
