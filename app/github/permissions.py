"""Phase → endpoints → permissions: the one table that tokens, `app.yml` and the docs follow.

A token is minted for one phase of one task, with what that phase's endpoints need and no more.
https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["read", "push", "report"]
Level = Literal["read", "write"]
Permission = Literal[
    "actions", "checks", "contents", "issues", "metadata", "pull_requests", "statuses"
]


@dataclass(frozen=True)
class Endpoint:
    """A call of a phase, the permission it needs and what we need it for.

    *row* names the row of the feature table that will make the call, where none does yet.
    """

    call: str
    permission: Permission
    level: Level
    reason: str
    row: str = ""


_REPO = "/repos/{owner}/{repo}"

TABLE: dict[Phase, tuple[Endpoint, ...]] = {
    # The node's, from claim on.
    "read": (
        Endpoint("git fetch", "contents", "read", "check the repository out"),
        Endpoint(f"GET {_REPO}/issues/{{number}}", "issues", "read", "what was asked"),
        Endpoint(f"GET {_REPO}/issues/{{number}}/comments", "issues", "read", "the discussion"),
        Endpoint(f"GET {_REPO}/issues/{{number}}/timeline", "issues", "read", "linked work"),
        Endpoint(
            f"GET {_REPO}/collaborators/{{username}}/permission",
            "metadata",
            "read",
            "whose words count",
        ),
        Endpoint(f"GET {_REPO}/pulls/{{number}}", "pull_requests", "read", "what is reviewed"),
        Endpoint(f"GET {_REPO}/pulls/{{number}}/reviews", "pull_requests", "read", "reviews"),
        Endpoint(f"GET {_REPO}/pulls/{{number}}/comments", "pull_requests", "read", "inline notes"),
        Endpoint(f"GET {_REPO}/commits/{{ref}}/check-runs", "checks", "read", "failing checks"),
        Endpoint(f"GET {_REPO}/commits/{{ref}}/status", "statuses", "read", "failing statuses"),
        Endpoint(f"GET {_REPO}/actions/jobs/{{id}}/logs", "actions", "read", "why a job failed"),
    ),
    # The node's, once it has a commit and asks for it.
    "push": (
        Endpoint("git push", "contents", "write", "push the task's branch"),
        Endpoint(f"GET {_REPO}/pulls", "pull_requests", "read", "find it before opening it"),
        Endpoint(f"POST {_REPO}/pulls", "pull_requests", "write", "open the draft"),
        Endpoint(f"GET {_REPO}/contents/{{path}}", "contents", "read", "its template"),
    ),
    # Never leaves `control`.
    "report": (
        Endpoint(
            f"GET {_REPO}/collaborators/{{username}}/permission",
            "metadata",
            "read",
            "may this person ask",
        ),
        Endpoint(f"GET {_REPO}/issues/{{number}}", "issues", "read", "does the order still hold"),
        Endpoint(f"GET {_REPO}/issues/{{number}}/comments", "issues", "read", "find our comment"),
        Endpoint(f"POST {_REPO}/issues/{{number}}/comments", "issues", "write", "answer"),
        Endpoint(f"PATCH {_REPO}/issues/comments/{{id}}", "issues", "write", "status comment"),
        Endpoint(f"POST {_REPO}/issues/{{number}}/reactions", "issues", "write", "acknowledge"),
        Endpoint(
            f"POST {_REPO}/issues/comments/{{id}}/reactions", "issues", "write", "acknowledge"
        ),
        Endpoint(f"GET {_REPO}/pulls/{{number}}", "pull_requests", "read", "head and base"),
        Endpoint(f"GET {_REPO}/pulls/{{number}}/files", "pull_requests", "read", "the diff"),
        Endpoint(f"PATCH {_REPO}/pulls/{{number}}", "pull_requests", "write", "keep its text true"),
        Endpoint(
            f"GET {_REPO}/pulls/{{number}}/reviews", "pull_requests", "read", "find our review"
        ),
        Endpoint(f"GET {_REPO}/pulls/{{number}}/reviews", "pull_requests", "read", "find ours"),
        Endpoint(f"POST {_REPO}/pulls/{{number}}/reviews", "pull_requests", "write", "review"),
        Endpoint("GraphQL markPullRequestReadyForReview", "contents", "write", "end the draft"),
        Endpoint("GraphQL minimizeComment", "pull_requests", "write", "hide the superseded"),
        Endpoint(f"POST {_REPO}/check-runs", "checks", "write", "show a verdict at the commit"),
        Endpoint(f"PATCH {_REPO}/check-runs/{{id}}", "checks", "write", "live progress"),
        Endpoint(f"GET {_REPO}/commits/{{ref}}/check-runs", "checks", "read", "find our runs"),
        Endpoint(
            f"GET {_REPO}/commits/{{ref}}/status", "statuses", "read", "others' checks", row="I14"
        ),
        Endpoint(
            f"GET {_REPO}/actions/jobs/{{id}}/logs", "actions", "read", "others' checks", row="I14"
        ),
    ),
}


def permissions(phase: Phase) -> dict[str, Level]:
    """What a token of *phase* is minted with; `metadata` is included in every token."""
    return _folded(TABLE[phase])


def app_permissions() -> dict[str, Level]:
    """What the App asks for at installation: the most that any phase needs, and metadata."""
    asked = _folded(endpoint for endpoints in TABLE.values() for endpoint in endpoints)
    return {**asked, "metadata": "read"}


def _folded(endpoints: Iterable[Endpoint]) -> dict[str, Level]:
    folded: dict[str, Level] = {}
    for endpoint in endpoints:
        if endpoint.permission == "metadata":
            continue
        if folded.get(endpoint.permission) != "write":
            folded[endpoint.permission] = endpoint.level
    return dict(sorted(folded.items()))
