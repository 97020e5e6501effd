"""The GraphQL types Foreman uses: drafts, hiding comments, which checks are required."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.demo.github.change_checks import runs_for
from app.demo.github.change_pulls import refresh, set_draft, try_merge
from app.demo.github.entities import (
    CheckRun,
    Comment,
    PullRequest,
    Repository,
    Review,
    ReviewComment,
    Status,
    Written,
)
from app.demo.github.graphql import (
    Connection,
    Executor,
    QueryProblem,
    Resolver,
    Typed,
    Types,
    typed_node,
)
from app.demo.github.graphql_syntax import SyntaxProblem
from app.demo.github.world import maybe_stamp, stamp

# https://docs.github.com/en/graphql/reference/enums#reportedcontentclassifiers
CLASSIFIERS = ("SPAM", "ABUSE", "OFF_TOPIC", "OUTDATED", "DUPLICATE", "RESOLVED", "LOW_QUALITY")


async def _node(ex: Executor, _: Any, arguments: dict[str, Any]) -> Any:
    return typed_node(ex.node(arguments.get("id")))


async def _repository(ex: Executor, _: Any, arguments: dict[str, Any]) -> Any:
    name = f"{arguments.get('owner')}/{arguments.get('name')}"
    found = ex.forge.world.repositories.get(name.lower())
    if found is None or not ex.may_read(found):
        message = f"Could not resolve to a Repository with the name '{name}'."
        raise QueryProblem("NOT_FOUND", message)
    return Typed(found, "Repository")


async def _numbered(ex: Executor, repository: Repository, arguments: dict[str, Any]) -> Any:
    issue = repository.issues.get(arguments.get("number", 0))
    if issue is None or issue.pull is None:
        number = arguments.get("number")
        message = f"Could not resolve to a PullRequest with the number of {number}."
        raise QueryProblem("NOT_FOUND", message)
    return Typed(issue.pull, "PullRequest")


def _drafts(field: str, *, draft: bool) -> Resolver:
    async def resolver(ex: Executor, _: Any, arguments: dict[str, Any]) -> Any:
        pull = ex.node((arguments.get("input") or {}).get("pullRequestId"))
        if not isinstance(pull, PullRequest):
            raise QueryProblem("NOT_FOUND", "Could not resolve to PullRequest node")
        ex.need("draft", pull.repository)
        if draft and not pull.repository.drafts:
            raise QueryProblem("UNPROCESSABLE", "Draft pull requests are not supported")
        if pull.issue.state == "closed":
            raise QueryProblem("UNPROCESSABLE", "Pull request is closed")
        await refresh(pull)
        set_draft(ex.forge, pull, ex.identity.bot, draft=draft, app=ex.identity.app)
        payload = {"pullRequest": Typed(pull, "PullRequest")}
        return Typed(
            {**payload, "clientMutationId": arguments["input"].get("clientMutationId")}, field
        )

    return resolver


async def _minimize(ex: Executor, _: Any, arguments: dict[str, Any]) -> Any:
    given = arguments.get("input") or {}
    if given.get("classifier") not in CLASSIFIERS:
        raise SyntaxProblem(
            "Argument 'classifier' on InputObject 'MinimizeCommentInput' has an invalid value. "
            "Expected type 'ReportedContentClassifiers!'."
        )
    subject = minimizable(ex, given.get("subjectId"))
    subject.minimized = given["classifier"].lower().replace("_", "-")
    return Typed({"minimizedComment": typed_node(subject)}, "MinimizeCommentPayload")


async def _unminimize(ex: Executor, _: Any, arguments: dict[str, Any]) -> Any:
    subject = minimizable(ex, (arguments.get("input") or {}).get("subjectId"))
    subject.minimized = None
    return Typed({"unminimizedComment": typed_node(subject)}, "UnminimizeCommentPayload")


def minimizable(ex: Executor, node_id: Any) -> Written:
    subject = ex.node(node_id)
    if isinstance(subject, Comment):
        ex.need("pull" if subject.issue.pull else "issue", subject.issue.repository)
        return subject
    if isinstance(subject, Review | ReviewComment):
        ex.need("pull", subject.pull.repository)
        return subject
    raise QueryProblem("NOT_FOUND", f"Could not resolve to Minimizable node with '{node_id}'")


def _required(name: Callable[[Any], str]) -> Resolver:
    """`isRequired(pullRequestNumber:)`, by the protection of the pull request's base."""

    async def resolver(ex: Executor, value: Any, arguments: dict[str, Any]) -> Any:
        repository = value.suite.repository if isinstance(value, CheckRun) else value["repository"]
        number = arguments.get("pullRequestNumber", 0)
        pull: object
        if arguments.get("pullRequestId"):
            pull = ex.node(arguments["pullRequestId"])
        else:
            issue = repository.issues.get(number)
            pull = issue.pull if issue else None
        if not isinstance(pull, PullRequest):
            raise QueryProblem(
                "UNPROCESSABLE", "A pull request ID or pull request number is required."
            )
        return name(value) in repository.required_checks.get(pull.base_ref, [])

    return resolver


def _get(read: Callable[[Any], Any]) -> Resolver:
    async def resolver(ex: Executor, value: Any, arguments: dict[str, Any]) -> Any:
        return read(value)

    return resolver


async def _mergeable(ex: Executor, pull: PullRequest, _: dict[str, Any]) -> str:
    await try_merge(ex.forge, pull)
    return {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}[pull.mergeable]


async def _rollup(ex: Executor, value: Any, _: dict[str, Any]) -> Any:
    repository, sha = value["repository"], value["sha"]
    runs = runs_for(repository, sha, name=None, app_id=None, latest=True)
    latest: dict[str, Status] = {s.context: s for s in repository.statuses if s.sha == sha}
    if not runs and not latest:
        return None
    contexts = [Typed(r, "CheckRun") for r in runs]
    contexts += [
        Typed({"status": s, "repository": repository}, "StatusContext") for s in latest.values()
    ]
    states = {r.conclusion or "pending" for r in runs} | {s.state for s in latest.values()}
    if states & {"failure", "error", "timed_out", "cancelled", "action_required"}:
        state = "FAILURE"
    else:
        state = "PENDING" if "pending" in states else "SUCCESS"
    value = {"state": state, "contexts": contexts}
    return Typed(value, "StatusCheckRollup")


def _upper(text: str | None) -> str | None:
    return text.upper() if text else None


def _commit(pull: PullRequest) -> Typed:
    return Typed({"repository": pull.repository, "sha": pull.head_sha}, "Commit")


def _written() -> dict[str, Resolver]:
    return {
        "id": _get(lambda x: x.node_id),
        "databaseId": _get(lambda x: x.id),
        "body": _get(lambda x: x.body or ""),
        "isMinimized": _get(lambda x: x.minimized is not None),
        "minimizedReason": _get(lambda x: x.minimized),
        "createdAt": _get(lambda x: stamp(x.created_at)),
        "author": _get(lambda x: Typed(x.user, "Actor")),
    }


TYPES: Types = {
    "Query": {"node": _node, "repository": _repository},
    "Mutation": {
        "markPullRequestReadyForReview": _drafts(
            "MarkPullRequestReadyForReviewPayload", draft=False
        ),
        "convertPullRequestToDraft": _drafts("ConvertPullRequestToDraftPayload", draft=True),
        "minimizeComment": _minimize,
        "unminimizeComment": _unminimize,
    },
    "MarkPullRequestReadyForReviewPayload": {
        "pullRequest": _get(lambda x: x["pullRequest"]),
        "clientMutationId": _get(lambda x: x["clientMutationId"]),
    },
    "ConvertPullRequestToDraftPayload": {
        "pullRequest": _get(lambda x: x["pullRequest"]),
        "clientMutationId": _get(lambda x: x["clientMutationId"]),
    },
    "MinimizeCommentPayload": {"minimizedComment": _get(lambda x: x["minimizedComment"])},
    "UnminimizeCommentPayload": {"unminimizedComment": _get(lambda x: x["unminimizedComment"])},
    "Actor": {"login": _get(lambda x: x.login.removesuffix("[bot]"))},
    "Repository": {
        "id": _get(lambda x: x.node_id),
        "databaseId": _get(lambda x: x.id),
        "nameWithOwner": _get(lambda x: x.full_name),
        "pullRequest": _numbered,
    },
    "Issue": _written() | {"number": _get(lambda x: x.number)},
    "IssueComment": _written(),
    "PullRequestReview": _written() | {"state": _get(lambda x: x.state)},
    "PullRequestReviewComment": _written() | {"path": _get(lambda x: x.path)},
    "PullRequest": {
        "id": _get(lambda x: x.node_id),
        "databaseId": _get(lambda x: x.id),
        "number": _get(lambda x: x.issue.number),
        "title": _get(lambda x: x.issue.title),
        "body": _get(lambda x: x.issue.body or ""),
        "isDraft": _get(lambda x: x.draft),
        "state": _get(lambda x: "MERGED" if x.merged_at else x.issue.state.upper()),
        "headRefName": _get(lambda x: x.head_ref),
        "headRefOid": _get(lambda x: x.head_sha),
        "baseRefName": _get(lambda x: x.base_ref),
        "baseRefOid": _get(lambda x: x.base_sha),
        "mergedAt": _get(lambda x: maybe_stamp(x.merged_at)),
        "mergeable": _mergeable,
        "commits": _get(lambda x: Connection([{"pull": x}], "PullRequestCommit")),
        "reviews": _get(
            lambda x: Connection(
                [r for r in x.reviews if r.state != "PENDING"], "PullRequestReview"
            )
        ),
        "comments": _get(lambda x: Connection(x.issue.comments, "IssueComment")),
    },
    "PullRequestCommit": {"commit": _get(lambda x: _commit(x["pull"]))},
    "Commit": {
        "oid": _get(lambda x: x["sha"]),
        "statusCheckRollup": _rollup,
    },
    "StatusCheckRollup": {
        "state": _get(lambda x: x["state"]),
        "contexts": _get(lambda x: Connection(x["contexts"], "StatusCheckRollupContext")),
    },
    "CheckRun": {
        "id": _get(lambda x: x.node_id),
        "databaseId": _get(lambda x: x.id),
        "name": _get(lambda x: x.name),
        "status": _get(lambda x: _upper(x.status)),
        "conclusion": _get(lambda x: _upper(x.conclusion)),
        "isRequired": _required(lambda x: x.name),
    },
    "StatusContext": {
        "id": _get(lambda x: x["status"].node_id),
        "context": _get(lambda x: x["status"].context),
        "state": _get(lambda x: _upper(x["status"].state)),
        "isRequired": _required(lambda x: x["status"].context),
    },
    "PageInfo": {
        "hasNextPage": _get(lambda x: x["hasNextPage"]),
        "endCursor": _get(lambda x: x["endCursor"]),
    },
}
