from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.webhook.events import BODY_LENGTH, EventError, as_delivery, of_delivery, parse
from k8s.resources.delivery import Delivery
from tests.app.webhook.payloads import body, commented, issue, labelled, pull_request

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        pytest.param("ping", {"zen": "x"}, id="ping"),
        pytest.param("push", {}, id="push"),
        pytest.param("issues", body("edited", issue=issue()), id="another action"),
        pytest.param("issues", {}, id="no action"),
        pytest.param("issues", {"action": ["labeled"]}, id="an action that is no word"),
        pytest.param("issue_comment", commented("nice work"), id="a comment without a command"),
        pytest.param("issue_comment", commented("> /foreman fix"), id="a quoted command"),
    ],
)
def test_events_that_are_not_used(name: str, given: Any) -> None:
    assert parse(name, given) is None


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        pytest.param("issues", [], "no JSON object", id="a list"),
        pytest.param("issues", None, "no JSON object", id="null"),
        pytest.param("issues", body("closed"), "issue: missing", id="no issue"),
        pytest.param("issues", body("labeled", issue=issue()), "label: missing", id="no label"),
        pytest.param(
            "issue_comment", body("created", issue=issue()), "comment: missing", id="no comment"
        ),
        pytest.param("issues", labelled(issue=issue(0)), "issue.number", id="number zero"),
        pytest.param("issues", labelled(issue=issue(2**70)), "issue.number", id="a huge number"),
        pytest.param(
            "issues",
            labelled(repository={"id": 1, "full_name": "a/b/c"}),
            "repository.full_name",
            id="no such repository name",
        ),
        pytest.param("issues", labelled(sender={"login": ""}), "sender.login", id="nobody"),
        pytest.param(
            "pull_request",
            body(
                "closed",
                pull_request={**pull_request(), "head": {"ref": "x", "sha": "--upload-pack"}},
            ),
            "pull_request.head.sha",
            id="no SHA",
        ),
    ],
)
def test_bodies_that_github_would_not_send(name: str, given: Any, told: str) -> None:
    with pytest.raises(EventError, match=told):
        parse(name, given)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        pytest.param("issues", labelled(), id="issue"),
        pytest.param("issues", labelled(issue=issue(user=None, body=None)), id="ghost and no body"),
        pytest.param("issue_comment", commented("/foreman fix"), id="comment"),
        pytest.param(
            "pull_request", body("closed", pull_request=pull_request()), id="pull request"
        ),
        pytest.param(
            "issues", body("closed", issue=issue(), installation=None), id="repository hook"
        ),
    ],
)
def test_an_event_survives_being_kept(name: str, given: Any) -> None:
    event = parse(name, given)
    assert event is not None

    kept = as_delivery(event, name="d1", namespace="n", received_at=NOW)

    assert of_delivery(Delivery.model_validate(kept.wire())) == event


def test_what_we_do_not_read_is_not_kept() -> None:
    event = parse("issues", labelled(enterprise={"secret": "x"}))
    assert event is not None

    kept = as_delivery(event, name="d1", namespace="n", received_at=NOW).spec

    assert "enterprise" not in kept.payload
    assert "site_admin" not in kept.payload["sender"]
    assert (kept.event, kept.action, kept.repository, kept.repository_id) == (
        "issues",
        "labeled",
        "octo/hello",
        99,
    )
    assert (kept.installation, kept.sender, kept.sender_type) == (4, "maintainer", "User")


def test_a_body_longer_than_github_allows_is_cut() -> None:
    event = parse("issues", labelled(issue=issue(body="x" * 100_000)))

    assert event is not None
    assert event.payload.issue is not None
    assert len(event.payload.issue.body or "") == BODY_LENGTH
