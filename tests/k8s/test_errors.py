from __future__ import annotations

import orjson
import pytest

from k8s import errors
from k8s.errors import ApiError, fault


def said(reason: str, message: str = "m") -> bytes:
    return orjson.dumps({"kind": "Status", "reason": reason, "message": message})


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (400, "BadRequest", ApiError),
        (401, "Unauthorized", errors.Forbidden),
        (403, "Forbidden", errors.Forbidden),
        (404, "NotFound", errors.NotFound),
        (409, "AlreadyExists", errors.AlreadyExists),
        (409, "Conflict", errors.Conflict),
        (410, "Expired", errors.Gone),
        (415, "UnsupportedMediaType", ApiError),
        (422, "Invalid", errors.Invalid),
        (429, "TooManyRequests", errors.Unavailable),
        (500, "InternalError", errors.Unavailable),
        (503, "ServiceUnavailable", errors.Unavailable),
    ],
)
def test_each_answer_has_a_class(status: int, reason: str, expected: type[ApiError]) -> None:
    found = fault(status, said(reason))

    assert type(found) is expected
    assert (found.status, found.reason, found.message, str(found)) == (status, reason, "m", "m")


@pytest.mark.parametrize(
    ("status", "body", "reason", "message"),
    [
        pytest.param(
            502, b"<html>bad</html>", "BadGateway", "HTTP 502: <html>bad</html>", id="a-proxy"
        ),
        pytest.param(404, b"", "NotFound", "HTTP 404: NotFound", id="empty"),
        pytest.param(499, b"\xff", "Unknown", "HTTP 499: \ufffd", id="no-text"),
        pytest.param(
            400, b'{"error": "x"}', "BadRequest", 'HTTP 400: {"error": "x"}', id="other-json"
        ),
    ],
)
def test_answers_that_are_not_the_apis_own(
    status: int, body: bytes, reason: str, message: str
) -> None:
    found = fault(status, body)

    assert (found.reason, found.message) == (reason, message)


def test_a_refused_patch_does_not_tell_the_whole_object() -> None:
    """The API quotes the object in its sentence; its end names the fault."""
    found = fault(422, said("Invalid", "x" * 9000 + 'unknown field "spec.nope"'))

    assert len(found.message) < 1100
    assert found.message.endswith('unknown field "spec.nope"')
