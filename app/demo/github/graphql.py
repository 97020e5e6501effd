"""How a GraphQL operation is carried out, over the types of `graphql_fields`.

A type is a table of its fields. A field that is not in it is refused as on GitHub, so that a
misspelt query fails here too. Errors come with status 200, in `errors`, beside what worked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.demo.github.access import allows
from app.demo.github.auth import Identity
from app.demo.github.entities import (
    CheckRun,
    Comment,
    Issue,
    Node,
    PullRequest,
    Repository,
    Review,
    ReviewComment,
)
from app.demo.github.forge import Forge
from app.demo.github.graphql_syntax import Operation, Selection, SyntaxProblem, parse, resolved

_WRITE: dict[str, dict[str, str]] = {
    # Draft state needs `contents` as well, though nothing in the contents changes:
    # https://github.com/argoproj/argo-workflows/pull/16639
    "draft": {"pull_requests": "write", "contents": "write"},
    "issue": {"issues": "write"},
    "pull": {"pull_requests": "write"},
}


class QueryProblem(Exception):
    """One entry of `errors`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Connection:
    """A list that is read by `nodes`, `totalCount` and `first` or `last`."""

    items: Sequence[Any]
    element: str
    total: int = 0


@dataclass(frozen=True)
class Typed:
    """A value with the GraphQL type it is shown as."""

    value: Any
    type: str


Resolver = Callable[["Executor", Any, dict[str, Any]], Awaitable[Any]]
Types = Mapping[str, Mapping[str, Resolver]]


class Executor:
    def __init__(
        self, forge: Forge, identity: Identity, variables: dict[str, Any], types: Types
    ) -> None:
        self.forge = forge
        self.identity = identity
        self.variables = variables
        self.types = types
        self.errors: list[dict[str, Any]] = []

    def may_read(self, repository: Repository) -> bool:
        token = self.identity.token
        return token is not None and token.covers(repository)

    def need(self, permission: str, repository: Repository) -> None:
        token = self.identity.token
        if token is None or not token.covers(repository):
            raise QueryProblem("NOT_FOUND", "Could not resolve to a node with the global id")
        if not allows(token.permissions, _WRITE[permission]):
            raise QueryProblem("FORBIDDEN", "Resource not accessible by integration")

    def node(self, node_id: Any) -> Node:
        found = self.forge.world.nodes.get(str(node_id))
        if found is None or not self.may_read(repository_of(found)):
            message = f"Could not resolve to a node with the global id of '{node_id}'."
            raise QueryProblem("NOT_FOUND", message)
        return found

    async def run(self, operation: Operation) -> dict[str, Any]:
        root = Typed(None, "Mutation" if operation.kind == "mutation" else "Query")
        return await self._object(root, operation.selections, [])

    async def _object(
        self, of: Typed, selections: tuple[Selection, ...], path: list[str]
    ) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for selection in selections:
            if selection.condition is not None:
                if selection.condition in (of.type, *INTERFACES.get(of.type, ())):
                    shown |= await self._object(of, selection.selections, path)
                continue
            here = [*path, selection.alias]
            try:
                shown[selection.alias] = await self._field(of, selection, here)
            except QueryProblem as exc:
                self.errors.append({"type": exc.kind, "path": here, "message": str(exc)})
                shown[selection.alias] = None
        return shown

    async def _field(self, of: Typed, selection: Selection, path: list[str]) -> Any:
        if selection.name == "__typename":
            return of.type
        arguments = resolved(selection.arguments, self.variables)
        if isinstance(of.value, Connection):
            found = _page(of.value, selection.name)
        else:
            resolver = self.types.get(of.type, {}).get(selection.name)
            if resolver is None:
                raise SyntaxProblem(f"Field '{selection.name}' doesn't exist on type '{of.type}'")
            found = await resolver(self, of.value, arguments)
            if isinstance(found, Connection):
                found = Typed(_cut(found, selection.name, arguments), f"{found.element}Connection")
        if isinstance(found, list):
            return [await self._value(item, selection, path) for item in found]
        return await self._value(found, selection, path)

    async def _value(self, found: Any, selection: Selection, path: list[str]) -> Any:
        if not isinstance(found, Typed):
            return found
        if not selection.selections:
            raise SyntaxProblem(
                f"Field must have selections (field '{selection.name}' returns {found.type} "
                "but has no selections.)"
            )
        return await self._object(found, selection.selections, path)


def _cut(connection: Connection, name: str, arguments: dict[str, Any]) -> Connection:
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        raise QueryProblem(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{name}` "
            "connection.",
        )
    items = connection.items[-last:] if last is not None else connection.items[:first]
    return Connection(items, connection.element, len(connection.items))


def _page(connection: Connection, name: str) -> Any:
    if name == "totalCount":
        return connection.total
    if name == "nodes":
        return [
            i if isinstance(i, Typed) else Typed(i, connection.element) for i in connection.items
        ]
    if name == "pageInfo":
        more = connection.total > len(connection.items)
        return Typed({"hasNextPage": more, "endCursor": None}, "PageInfo")
    raise SyntaxProblem(f"Field '{name}' doesn't exist on type '{connection.element}Connection'")


def repository_of(node: Node) -> Repository:
    match node:
        case Repository():
            return node
        case Issue():
            return node.repository
        case Comment():
            return node.issue.repository
        case PullRequest():
            return node.repository
        case Review() | ReviewComment():
            return node.pull.repository
        case CheckRun():
            return node.suite.repository
        case _:
            raise QueryProblem("NOT_FOUND", "Could not resolve to a node with the global id")


_TYPES: dict[type[Node], str] = {
    Repository: "Repository",
    Issue: "Issue",
    Comment: "IssueComment",
    PullRequest: "PullRequest",
    Review: "PullRequestReview",
    ReviewComment: "PullRequestReviewComment",
    CheckRun: "CheckRun",
}
INTERFACES = {
    "IssueComment": ("Minimizable", "Comment", "Node"),
    "PullRequestReview": ("Minimizable", "Comment", "Node"),
    "PullRequestReviewComment": ("Minimizable", "Comment", "Node"),
    "PullRequest": ("Node",),
    "Issue": ("Node",),
    "CheckRun": ("Node", "RequirableByPullRequest"),
    "StatusContext": ("Node", "RequirableByPullRequest"),
    "Repository": ("Node",),
}


def typed_node(node: Node) -> Typed:
    return Typed(node, _TYPES[type(node)])


async def execute(
    forge: Forge, identity: Identity, body: dict[str, Any], types: Types
) -> dict[str, Any]:
    """The answer to POST /graphql, always with status 200."""
    try:
        operation = parse(str(body.get("query") or ""))
        variables = {**operation.defaults, **(body.get("variables") or {})}
        for name in sorted(operation.required):
            if variables.get(name) is None:
                raise SyntaxProblem(f"Variable ${name} was provided invalid value")
        executor = Executor(forge, identity, variables, types)
        data = await executor.run(operation)
    except SyntaxProblem as exc:
        return {"errors": [{"message": str(exc), "locations": [{"line": 1, "column": 1}]}]}
    return {"data": data} | ({"errors": executor.errors} if executor.errors else {})
