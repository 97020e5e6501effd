"""What can go wrong with git, named by who must act."""

from __future__ import annotations

from typing import Literal

RemoteFault = Literal[
    "non-fast-forward", "protected", "workflow", "auth", "missing", "unreachable", "other"
]


class RefError(Exception):
    """Whoever gave the name: not a ref, branch or SHA that we take."""


class RemoteError(Exception):
    """The operator: a remote URL that we do not talk to."""


class GitError(Exception):
    """A git command failed; *detail* is the end of what it said, without secrets."""

    def __init__(self, message: str, *, detail: str = "", exit_code: int | None = None) -> None:
        super().__init__(message)
        self.detail = detail
        self.exit_code = exit_code  # None: killed by timeout or by the output limit


class CloneFailed(GitError):
    """The repository, or a ref of it, could not be had; *fault* says what kind of trouble."""

    def __init__(
        self, message: str, *, fault: RemoteFault, detail: str = "", exit_code: int | None = None
    ) -> None:
        super().__init__(message, detail=detail, exit_code=exit_code)
        self.fault = fault


class PushRefused(GitError):
    """The remote did not take a push; *fault* says what kind of trouble."""

    def __init__(
        self, message: str, *, fault: RemoteFault, detail: str = "", exit_code: int | None = None
    ) -> None:
        super().__init__(message, detail=detail, exit_code=exit_code)
        self.fault = fault


class WorkspaceError(GitError):
    """The coder: the workspace holds something that cannot be committed."""


class DiffError(Exception):
    """A bug or a git that speaks otherwise: a diff that could not be read."""
