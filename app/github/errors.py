"""Errors of GitHub, by who must act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class IdentityError(Exception):
    """The App's id or key is wrong; the operator must mend the setting the message names."""


class GitHubError(Exception):
    """GitHub did not do what was asked. Subclasses say who must act."""


class NotFound(GitHubError):
    """It is not there, or our installation may not see it: the two answers look alike."""


class Unauthorized(GitHubError):
    """The token or JWT is not accepted, also when made anew."""


class Forbidden(GitHubError):
    """A permission is missing; the message names it. The operator must grant it."""


class Rejected(GitHubError):
    """The request is not valid as things stand (409, 422); *errors* are GitHub's own entries."""

    def __init__(self, message: str, errors: Any = None) -> None:
        super().__init__(message)
        self.errors = errors

    def mentions(self, words: str) -> bool:
        """Whether GitHub's explanation contains *words*, in any case."""
        return words.lower() in f"{self} {self.errors}".lower()


class RateLimited(GitHubError):
    """A limit would have to be waited for longer than a call may take."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Dropped(GitHubError):
    """A progress write that the hour's budget has no room for; the next one will do."""


class Outage(GitHubError):
    """GitHub or the way to it is broken: try again later, and look before you post again."""


PERMISSIONS_HEADER = "x-accepted-github-permissions"


def missing_permission(headers: Mapping[str, str]) -> str:
    """What the call would have needed, in words; "" where GitHub does not say.

    The header separates alternatives by `;` and permissions needed together by `,`.
    """
    alternatives = [
        " and ".join(part.strip().replace("=", ": ") for part in alternative.split(","))
        for alternative in headers.get(PERMISSIONS_HEADER, "").split(";")
        if alternative.strip()
    ]
    return " or ".join(alternatives)
