"""GitHub's published schemas, through githubkit's generated models, held against a local GitHub.

`Schemas` is given as `on_exchange` and `on_payload`; what it finds wrong is in `problems`. An
answer is wrong where its model refuses it, and where it has a key that the model does not know.
"""

from __future__ import annotations

import json
import typing
from typing import Any

import githubkit_schemas.latest.models as models
from pydantic import TypeAdapter, ValidationError

_R = "/repos/{owner}/{repo}"
_I = f"{_R}/issues/{{issue_number}}"
_C = f"{_R}/issues/comments/{{comment_id}}"
_P = f"{_R}/pulls/{{pull_number}}"
_INSTALLATION = "/app/installations/{installation_id}"
_DELIVERY = "/app/hook/deliveries/{delivery_id}"

# method, route → model of the body of a success; None: GitHub publishes no model
MODELS: dict[tuple[str, str], str | None] = {
    ("GET", "/"): None,
    ("GET", "/meta"): "ApiOverview",
    ("GET", "/rate_limit"): "RateLimitOverview",
    ("GET", "/users/{username}"): "PublicUser",
    ("GET", "/apps/{app_slug}"): "Integration",
    ("POST", "/graphql"): None,
    ("GET", "/app"): "Integration",
    ("GET", "/app/installations"): "list[Installation]",
    ("GET", _INSTALLATION): "Installation",
    ("POST", f"{_INSTALLATION}/access_tokens"): "InstallationToken",
    ("GET", f"{_R}/installation"): "Installation",
    ("GET", "/orgs/{org}/installation"): "Installation",
    ("GET", "/users/{username}/installation"): "Installation",
    ("GET", "/app/hook/config"): "WebhookConfig",
    ("PATCH", "/app/hook/config"): "WebhookConfig",
    ("GET", "/app/hook/deliveries"): "list[HookDeliveryItem]",
    ("GET", _DELIVERY): "HookDelivery",
    ("POST", f"{_DELIVERY}/attempts"): None,
    ("GET", "/installation/repositories"): "InstallationRepositoriesGetResponse200",
    ("DELETE", "/installation/token"): None,
    ("GET", _R): "FullRepository",
    ("GET", f"{_R}/collaborators"): "list[Collaborator]",
    ("GET", f"{_R}/collaborators/{{username}}"): None,
    ("GET", f"{_R}/collaborators/{{username}}/permission"): "RepositoryCollaboratorPermission",
    ("GET", f"{_R}/contents"): "list[ContentDirectoryItems]",
    ("GET", f"{_R}/contents/{{path}}"): "ContentFile | list[ContentDirectoryItems]",
    ("GET", f"{_R}/branches"): "list[ShortBranch]",
    ("GET", f"{_R}/branches/{{branch}}"): "BranchWithProtection",
    ("GET", f"{_R}/commits"): "list[Commit]",
    ("GET", f"{_R}/commits/{{ref}}"): "Commit",
    ("GET", f"{_R}/compare/{{basehead}}"): "CommitComparison",
    ("GET", f"{_R}/git/commits/{{commit_sha}}"): "GitCommit",
    ("GET", f"{_R}/git/ref/{{ref}}"): "GitRef",
    ("GET", f"{_R}/git/matching-refs/{{ref}}"): "list[GitRef]",
    ("POST", f"{_R}/git/refs"): "GitRef",
    ("PATCH", f"{_R}/git/refs/{{ref}}"): "GitRef",
    ("DELETE", f"{_R}/git/refs/{{ref}}"): None,
    ("GET", f"{_R}/issues"): "list[Issue]",
    ("POST", f"{_R}/issues"): "Issue",
    ("GET", _I): "Issue",
    ("PATCH", _I): "Issue",
    ("GET", f"{_I}/comments"): "list[IssueComment]",
    ("POST", f"{_I}/comments"): "IssueComment",
    ("GET", f"{_R}/issues/comments"): "list[IssueComment]",
    ("GET", _C): "IssueComment",
    ("PATCH", _C): "IssueComment",
    ("DELETE", _C): None,
    ("GET", f"{_I}/labels"): "list[Label]",
    ("POST", f"{_I}/labels"): "list[Label]",
    ("DELETE", f"{_I}/labels/{{name}}"): "list[Label]",
    ("GET", f"{_I}/events"): "list[LabeledIssueEvent | IssueEvent]",
    (
        "GET",
        f"{_I}/timeline",
    ): "list[LabeledIssueEvent | TimelineCommentEvent | StateChangeIssueEvent | IssueEvent]",
    ("GET", f"{_I}/reactions"): "list[Reaction]",
    ("POST", f"{_I}/reactions"): "Reaction",
    ("DELETE", f"{_I}/reactions/{{reaction_id}}"): None,
    ("GET", f"{_C}/reactions"): "list[Reaction]",
    ("POST", f"{_C}/reactions"): "Reaction",
    ("DELETE", f"{_C}/reactions/{{reaction_id}}"): None,
    ("GET", f"{_R}/labels"): "list[Label]",
    ("POST", f"{_R}/labels"): "Label",
    ("GET", f"{_R}/labels/{{name}}"): "Label",
    ("GET", f"{_R}/pulls"): "list[PullRequestSimple]",
    ("POST", f"{_R}/pulls"): "PullRequest",
    ("GET", _P): "PullRequest",
    ("PATCH", _P): "PullRequest",
    ("GET", f"{_P}/files"): "list[DiffEntry]",
    ("GET", f"{_P}/commits"): "list[Commit]",
    ("GET", f"{_P}/merge"): None,
    ("PUT", f"{_P}/merge"): "PullRequestMergeResult",
    ("GET", f"{_R}/commits/{{commit_sha}}/pulls"): "list[PullRequestSimple]",
    ("GET", f"{_P}/reviews"): "list[PullRequestReview]",
    ("POST", f"{_P}/reviews"): "PullRequestReview",
    ("GET", f"{_P}/reviews/{{review_id}}"): "PullRequestReview",
    ("PUT", f"{_P}/reviews/{{review_id}}"): "PullRequestReview",
    ("DELETE", f"{_P}/reviews/{{review_id}}"): "PullRequestReview",
    ("GET", f"{_P}/reviews/{{review_id}}/comments"): "list[ReviewComment]",
    ("POST", f"{_P}/reviews/{{review_id}}/events"): "PullRequestReview",
    ("PUT", f"{_P}/reviews/{{review_id}}/dismissals"): "PullRequestReview",
    ("GET", f"{_P}/comments"): "list[PullRequestReviewComment]",
    ("POST", f"{_P}/comments"): "PullRequestReviewComment",
    ("GET", f"{_R}/pulls/comments/{{comment_id}}"): "PullRequestReviewComment",
    ("PATCH", f"{_R}/pulls/comments/{{comment_id}}"): "PullRequestReviewComment",
    ("GET", f"{_R}/pulls/comments/{{comment_id}}/reactions"): "list[Reaction]",
    ("POST", f"{_R}/pulls/comments/{{comment_id}}/reactions"): "Reaction",
    ("POST", f"{_R}/check-runs"): "CheckRun",
    ("GET", f"{_R}/check-runs/{{check_run_id}}"): "CheckRun",
    ("PATCH", f"{_R}/check-runs/{{check_run_id}}"): "CheckRun",
    ("GET", f"{_R}/check-runs/{{check_run_id}}/annotations"): "list[CheckAnnotation]",
    ("POST", f"{_R}/check-runs/{{check_run_id}}/rerequest"): None,
    ("GET", f"{_R}/commits/{{ref}}/check-runs"): "ReposOwnerRepoCommitsRefCheckRunsGetResponse200",
    (
        "GET",
        f"{_R}/commits/{{ref}}/check-suites",
    ): "ReposOwnerRepoCommitsRefCheckSuitesGetResponse200",
    ("GET", f"{_R}/check-suites/{{check_suite_id}}"): "CheckSuite",
    ("GET", f"{_R}/check-suites/{{check_suite_id}}/check-runs"): (
        "ReposOwnerRepoCheckSuitesCheckSuiteIdCheckRunsGetResponse200"
    ),
    ("POST", f"{_R}/check-suites/{{check_suite_id}}/rerequest"): None,
    ("GET", f"{_R}/actions/jobs/{{job_id}}/logs"): None,
    ("GET", f"{_R}/commits/{{ref}}/status"): "CombinedCommitStatus",
    ("GET", f"{_R}/commits/{{ref}}/statuses"): "list[Status]",
    ("POST", f"{_R}/statuses/{{sha}}"): "Status",
}

# Keys that are sent and that a schema does not know, by the end of their path; and why.
KNOWN_EXTRA = {
    ".assignee": "2022-11-28 requires it; 2026-03-10 has only `assignees`",
    ".merge_commit_sha": "2022-11-28 requires it; 2026-03-10 has dropped it",
    ".has_downloads": "2022-11-28 has it",
    ".archived_at": "labels within issues are described as before it",
    ".archived_by": "as before",
    ".rate": "2022-11-28 has it beside `resources`",
    ".status": "errors: BasicError knows it, ValidationError does not",
    ".performed_via_github_app.client_id": "some events describe an App as it was before it",
    ".permissions.merge_queues": "some events list permissions as they were before it",
    ".repo.has_discussions": "pull_request_review.edited describes repositories before it",
    ".repo.web_commit_signoff_required": "as before",
    "or.user_view_type": "author and committer in `status`: people as they were before it",
    "er.user_view_type": "as before",
}


class Schemas:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.exchanges: set[tuple[str, str]] = set()
        self.payloads: set[str] = set()

    def on_exchange(self, method: str, route: str, status: int, body: Any) -> None:
        where = f"{method} {route} → {status}"
        if status >= 400:
            invalid = "ValidationError | ValidationErrorSimple | BasicError"
            self._check(where, invalid if status == 422 else "BasicError", body)
            return
        self.exchanges.add((method, route))
        if (method, route) not in MODELS:
            self.problems.append(f"{where}: no model is named for it")
        elif name := MODELS[method, route]:
            self._check(where, name, body)

    def on_payload(self, event: str, payload: dict[str, Any]) -> None:
        action = payload.get("action")
        name = "Webhook" + _camel(event) + (_camel(action) if action else "")
        self.payloads.add(f"{event}.{action}" if action else event)
        self._check(f"{event} {action or ''}", name, payload)

    def _check(self, where: str, name: str, body: Any) -> None:
        adapter = _adapter(name)
        try:
            value = adapter.validate_json(json.dumps(body), strict=True)
        except ValidationError as exc:
            first = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors()[:6]]
            self.problems.append(f"{where} is no {name}: {'; '.join(first)}")
            return
        known = adapter.dump_python(value, mode="json", by_alias=True, exclude_unset=True)
        extra = [k for k in _unknown(body, known, "") if not k.endswith(tuple(KNOWN_EXTRA))]
        if extra:
            self.problems.append(f"{where}: {name} has no {', '.join(extra[:8])}")


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def _adapter(name: str) -> TypeAdapter[Any]:
    if name not in _ADAPTERS:
        _ADAPTERS[name] = TypeAdapter(_type(name))
    return _ADAPTERS[name]


def _type(name: str) -> Any:
    if name.startswith("list["):
        return list[_type(name[5:-1])]  # type: ignore[misc]
    parts = [part.strip() for part in _split(name)]
    if len(parts) > 1:
        return typing.Union[tuple(_type(p) for p in parts)]  # noqa: UP007
    return getattr(models, name)


def _split(name: str) -> list[str]:
    """At each `|` outside of brackets."""
    parts, depth = [""], 0
    for char in name:
        depth += {"[": 1, "]": -1}.get(char, 0)
        if char == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _camel(text: str) -> str:
    return "".join(part.capitalize() for part in text.split("_"))


def _unknown(body: Any, known: Any, at: str) -> list[str]:
    """Keys of *body* that are not in *known*, which is *body* as its model read it."""
    if isinstance(body, dict) and isinstance(known, dict):
        found = [f"{at}.{k}" for k in body if k not in known]
        for key in body.keys() & known.keys():
            found += _unknown(body[key], known[key], f"{at}.{key}")
        return found
    if isinstance(body, list) and isinstance(known, list):
        return [
            x
            for i, (a, b) in enumerate(zip(body, known, strict=True))
            for x in _unknown(a, b, f"{at}[{i}]")
        ]
    return []
