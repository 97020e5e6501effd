"""One REST request and its answer, and how GitHub reads parameters and cuts lists into pages."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from app.demo.github.auth import Identity
from app.demo.github.entities import Account, App, Installation, Repository
from app.demo.github.forge import Forge
from app.demo.github.problems import Problem, bad_request, invalid, not_found
from app.demo.github.world import World

LONGEST_BODY = 65_536
_MISSING = object()
T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Call:
    """*repository* is set for paths below `/repos/{owner}/{repo}`, after access was checked."""

    forge: Forge
    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: dict[str, Any]
    identity: Identity
    media_type: str
    maybe_repository: Repository | None

    @property
    def world(self) -> World:
        return self.forge.world

    @property
    def repository(self) -> Repository:
        if self.maybe_repository is None:
            raise not_found()
        return self.maybe_repository

    @property
    def app(self) -> App:
        if self.identity.app is None:
            raise Problem(401, "A JSON web token could not be decoded")
        return self.identity.app

    @property
    def installation(self) -> Installation:
        if self.identity.token is None:
            raise Problem(403, "Resource not accessible by integration")
        return self.identity.token.installation

    @property
    def bot(self) -> Account:
        return self.identity.bot

    def number(self, name: str) -> int:
        """An id or number in the path; anything else is a path that does not exist."""
        text = self.parameters[name]
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise not_found()
        return int(text)

    def given(self, name: str) -> bool:
        return self.body.get(name) is not None

    def text(self, name: str, default: Any = _MISSING) -> Any:
        """A string of the body, or *default* where it is absent or null; required without one."""
        return self._typed(name, str, "a string", default)

    def flag(self, name: str, *, default: bool) -> bool:
        value: bool = self._typed(name, bool, "a boolean", default)
        return value

    def items(self, name: str, *, most: int | None = None) -> list[Any]:
        found: list[Any] = self._typed(name, list, "an array", [])
        if most is not None and len(found) > most:
            raise bad_request(f"No more than {most} items are allowed; {len(found)} were supplied.")
        return found

    def mapping(self, name: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._typed(name, dict, "an object", None)
        return found

    def _typed(self, name: str, kind: type, word: str, default: Any) -> Any:
        return typed(self.body, name, kind, word, default)

    def choice(self, name: str, allowed: Sequence[str], default: Any = _MISSING) -> Any:
        return chosen(self.body, name, allowed, default)

    def long_text(self, name: str, resource: str, default: Any = _MISSING) -> Any:
        """A body of Markdown: GitHub takes 65,536 characters."""
        value = self.text(name, default)
        if isinstance(value, str) and len(value) > LONGEST_BODY:
            raise invalid(
                resource,
                name,
                "custom",
                f"{name} is too long (maximum is {LONGEST_BODY} characters)",
            )
        return value


def typed(body: Mapping[str, Any], name: str, kind: type, word: str, default: Any) -> Any:
    value = body.get(name)
    if value is None:
        if default is _MISSING:
            raise bad_request(f'"{name}" wasn\'t supplied.')
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise bad_request(f"For 'properties/{name}', {json.dumps(value)[:80]} is not {word}.")
    return value


def required_text(body: Mapping[str, Any], name: str) -> str:
    value: str = typed(body, name, str, "a string", _MISSING)
    return value


def chosen(
    body: Mapping[str, Any], name: str, allowed: Sequence[str], default: Any = _MISSING
) -> Any:
    value = typed(body, name, str, "a string", default)
    if value is not default and value not in allowed:
        raise bad_request(f"{json.dumps(value)} is not a member of {json.dumps(list(allowed))}.")
    return value


Endpoint = Callable[[Call], Awaitable[Reply]]
Routes = Sequence[tuple[str, str, Endpoint]]


def page_numbers(query: Mapping[str, str]) -> tuple[int, int]:
    """Page (from 1) and size (1 to 100); nonsense counts as absent, as on GitHub."""

    def read(name: str, default: int) -> int:
        text = query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default

    return max(1, read("page", 1)), min(100, max(1, read("per_page", 30)))


def paged(
    call: Call,
    items: Sequence[T],
    view: Callable[[T], Any],
    wrap: Callable[[list[Any]], Any] = lambda shown: shown,
) -> Reply:
    """One page of *items*, with the `Link` header where there are more."""
    page, size = page_numbers(call.query)
    last = max(1, -(-len(items) // size))
    shown = [view(item) for item in items[(page - 1) * size : page * size]]
    links: list[tuple[str, int]] = []
    if page > 1:
        links += [("prev", min(page - 1, last))]
    if page < last:
        links += [("next", page + 1), ("last", last)]
    if page > 1:
        links += [("first", 1)]
    header = ", ".join(f'<{_address(call, page=str(n))}>; rel="{name}"' for name, n in links)
    return Reply(body=wrap(shown), headers={"Link": header} if header else {})


def _address(call: Call, **changed: str) -> str:
    return f"{call.world.url}{call.path}?{urlencode({**call.query, **changed})}"


def next_link(call: Call, **changed: str) -> dict[str, str]:
    """The header of lists that are walked by cursor."""
    return {"Link": f'<{_address(call, **changed)}>; rel="next"'}
