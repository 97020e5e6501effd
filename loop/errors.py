"""What can go wrong between the loop and its model, named by who must act."""

from __future__ import annotations


class ModelError(Exception):
    """A model gave no reply. *message* is the server's own words where it had any."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Transient(ModelError):
    """Nobody: asking again may help. *retry_after* is the server's wish in seconds."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        timed_out: bool = False,
    ) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after
        self.timed_out = timed_out


class ContextOverflow(ModelError):
    """The loop: the conversation is longer than the server takes."""


class Unsupported(ModelError):
    """The client: the server does not know *parameter* of the request."""

    def __init__(self, message: str, *, parameter: str, status: int | None = None) -> None:
        super().__init__(message, status=status)
        self.parameter = parameter


class Permanent(ModelError):
    """The operator: the same request will be refused again."""


class TranscriptError(Exception):
    """A human: a transcript on disk is not one of ours."""


class EvidenceError(Exception):
    """A human: a stored evidence record is not one of ours."""


class RailError(Exception):
    """Whoever wrote the rail: it answered what no rail may."""
