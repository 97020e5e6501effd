"""The errors GitHub answers with, in its own words."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.github.com/rest"


class Problem(Exception):
    """A request GitHub refuses: status, message and, for 422, the list of errors."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[Any] | None = None,
        headers: dict[str, str] | None = None,
        documentation_url: str | None = None,
    ) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}
        self.documentation_url = documentation_url

    def body(self, documentation_url: str) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        body["documentation_url"] = self.documentation_url or documentation_url
        body["status"] = str(self.status)
        return body


def not_found() -> Problem:
    return Problem(404, "Not Found")


def bad_credentials() -> Problem:
    return Problem(401, "Bad credentials", documentation_url=DOCS)


def not_accessible() -> Problem:
    return Problem(403, "Resource not accessible by integration")


def invalid(resource: str, field: str, code: str, message: str | None = None) -> Problem:
    """422 with one entry: code is missing, missing_field, invalid, already_exists or custom."""
    entry: dict[str, Any] = {"resource": resource, "code": code, "field": field}
    if message is not None:
        entry["message"] = message
    return Problem(422, "Validation Failed", errors=[entry])


def unprocessable(*errors: str) -> Problem:
    """422 as the review endpoints say it: sentences instead of entries."""
    return Problem(422, "Unprocessable Entity", errors=list(errors))


def bad_request(text: str) -> Problem:
    """422 as GitHub's request schema check says it."""
    return Problem(422, f"Invalid request.\n\n{text}")
