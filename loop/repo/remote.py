"""Remotes: where a repository is fetched from and pushed to, and the token for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from loop.repo.errors import RemoteError

TOKEN_USER = "x-access-token"  # noqa: S105 - GitHub's user name for tokens

_PATH = re.compile(r"/[A-Za-z0-9._/~+-]+")


@dataclass(frozen=True)
class Remote:
    """*url* has no user and no password; *token* "" means none is needed."""

    url: str
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        _parsed(self.url)

    @property
    def origin(self) -> str:
        """`scheme://user@host[:port]`, as git names it when it asks for the password."""
        parts = _parsed(self.url)
        return f"{parts.scheme}://{TOKEN_USER}@{parts.netloc}"

    @property
    def git_url(self) -> str:
        """The URL as git gets it: with the user when there is a token, never with the token."""
        parts = _parsed(self.url)
        if not self.token or parts.scheme == "file":
            return self.url
        return f"{self.origin}{parts.path}"

    @property
    def repository(self) -> str:
        """`owner/name`, or just the name where the path has one part."""
        parts = [p for p in _parsed(self.url).path.removesuffix(".git").split("/") if p]
        return "/".join(parts[-2:])

    @property
    def name(self) -> str:
        return self.repository.rpartition("/")[2]

    @property
    def owner(self) -> str:
        return self.repository.rpartition("/")[0]


def push_remote(upstream: Remote, fork: Remote | None) -> Remote:
    """Where the work on *upstream* is pushed: the fork, if it is one of the same name.

    Raises RemoteError for a fork of another name: that would push one project's work to another.
    """
    if fork is None:
        return upstream
    if fork.name.lower() != upstream.name.lower():
        raise RemoteError(
            f"{fork.url}: not a fork of {upstream.repository}, the names differ;"
            f" set --git-remote-url to a fork called {upstream.name}, or leave it out"
        )
    return fork


def pull_request_head(upstream: Remote, fork: Remote | None, branch: str) -> str:
    """The `head` of a pull request: `owner:branch` when it comes from a fork."""
    if fork is None or fork.owner.lower() == upstream.owner.lower():
        return branch
    return f"{fork.owner}:{branch}"


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise RemoteError(f"{url[:200]!r}: not a URL: {exc}") from exc
    if parts.scheme not in ("http", "https", "file"):
        raise RemoteError(f"{url[:200]!r}: scheme not supported; give an https:// URL")
    if "@" in parts.netloc:
        raise RemoteError(
            f"{parts.hostname}: the URL holds a user or password; pass the token apart from it"
        )
    if parts.scheme != "file" and (not parts.hostname or port == 0):
        raise RemoteError(f"{url[:200]!r}: no host in the URL")
    if parts.query or parts.fragment or not _PATH.fullmatch(parts.path) or "/.." in parts.path:
        raise RemoteError(f"{url[:200]!r}: not the URL of a repository")
    return parts
