from __future__ import annotations

from typing import Any

import pytest

from app.webhook.events import USED, Event, parse
from app.webhook.intents import (
    Cancel,
    Configuration,
    Intent,
    React,
    Refuse,
    Reply,
    StartReview,
    StartWorkload,
    intents,
    needs_permission,
)
from tests.app.webhook.payloads import body, commented, issue, labelled, pull_request, user

OURS = Configuration(
    label="foreman", own_login="foreman[bot]", allowed_bots=frozenset({"renovate[bot]"})
)
LABEL = {"name": "foreman"}
PULL = issue(34, pull_request={"url": "x"})
AT = "label/2026-03-01T12:00:00+00:00"
LINE = "/foreman fix mind the gap"


def event(name: str, given: dict[str, Any]) -> Event:
    parsed = parse(name, given)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        pytest.param(
            "issues", labelled(), [React("eyes", 12), StartWorkload(12, AT)], id="labelled"
        ),
        pytest.param(
            "issues",
            labelled("Foreman"),
            [React("eyes", 12), StartWorkload(12, AT)],
            id="labelled in another case",
        ),
        pytest.param("issues", labelled("bug"), [], id="another label"),
        pytest.param("issues", labelled(issue=issue(state="closed")), [], id="a closed issue"),
        pytest.param("issues", labelled(issue=PULL), [], id="a pull request told of as an issue"),
        pytest.param(
            "issues", labelled(sender=user("foreman[bot]", "Bot")), [], id="labelled by ourselves"
        ),
        pytest.param(
            "issues", labelled(sender=user("evil[bot]", "Bot")), [], id="labelled by a bot"
        ),
        pytest.param(
            "issues",
            labelled(sender=user("renovate", "Bot")),
            [],
            id="a bot that is called like an allowed one",
        ),
        pytest.param(
            "issues",
            labelled(sender=user("renovate[bot]", "Bot")),
            [React("eyes", 12), StartWorkload(12, AT)],
            id="labelled by an allowed bot",
        ),
        pytest.param(
            "issues",
            body("unlabeled", issue=issue(), label=LABEL),
            [Cancel(12, "unlabeled")],
            id="unlabelled",
        ),
        pytest.param(
            "issues",
            body("unlabeled", issue=issue(), label={"name": "bug"}),
            [],
            id="another label taken away",
        ),
        pytest.param("issues", body("closed", issue=issue()), [Cancel(12, "closed")], id="closed"),
        pytest.param(
            "pull_request",
            body("labeled", pull_request=pull_request(), label=LABEL),
            [React("eyes", 34), StartReview(34, AT)],
            id="pull request labelled",
        ),
        pytest.param(
            "pull_request",
            body("labeled", pull_request=pull_request(), label={"name": "bug"}),
            [],
            id="pull request labelled otherwise",
        ),
        pytest.param(
            "pull_request",
            body("unlabeled", pull_request=pull_request(), label=LABEL),
            [Cancel(34, "unlabeled", is_pull_request=True)],
            id="pull request unlabelled",
        ),
        pytest.param(
            "pull_request",
            body("closed", pull_request=pull_request()),
            [Cancel(34, "closed", is_pull_request=True)],
            id="pull request closed",
        ),
        pytest.param(
            "issue_comment",
            commented(LINE),
            [React("eyes", 12, 77), StartWorkload(12, "comment/77/0", "mind the gap", 77, LINE)],
            id="fix with a hint",
        ),
        pytest.param(
            "issue_comment",
            commented("/foreman fix", issue=PULL),
            [
                React("eyes", 34, 77),
                Reply("not-here", 34, 77, "/foreman fix", is_pull_request=True),
            ],
            id="fix on a pull request",
        ),
        pytest.param(
            "issue_comment",
            commented("/foreman review", issue=PULL),
            [React("eyes", 34, 77), StartReview(34, "comment/77/0", 77, "/foreman review")],
            id="review",
        ),
        pytest.param(
            "issue_comment",
            commented("/foreman review"),
            [React("eyes", 12, 77), Reply("not-here", 12, 77, "/foreman review")],
            id="review on an issue",
        ),
        pytest.param(
            "issue_comment",
            commented("/foreman cancel\n/foreman status\n/foreman help\n/foreman dance"),
            [
                React("eyes", 12, 77),
                Cancel(12, "asked", comment=77, line="/foreman cancel"),
                Reply("status", 12, 77, "/foreman status"),
                Reply("help", 12, 77, "/foreman help"),
                Reply("unknown", 12, 77, "/foreman dance"),
            ],
            id="several in order",
        ),
        pytest.param(
            "issue_comment",
            commented("/foreman fix", sender=user("evil[bot]", "Bot")),
            [],
            id="a bot's comment",
        ),
        pytest.param(
            "issue_comment",
            commented("/foreman fix", sender=user("foreman[bot]", "Bot")),
            [],
            id="our own comment",
        ),
    ],
)
def test_what_a_person_with_write_access_gets(
    name: str, given: dict[str, Any], expected: list[Intent]
) -> None:
    assert intents(event(name, given), "write", OURS) == expected


@pytest.mark.parametrize(
    ("name", "given", "comment"),
    [
        pytest.param("issues", labelled(), None, id="label"),
        pytest.param("issue_comment", commented("/foreman fix"), 77, id="fix"),
        pytest.param("issue_comment", commented("/foreman help"), 77, id="help"),
        pytest.param("issue_comment", commented("/foreman cancel"), 77, id="cancel"),
    ],
)
def test_who_may_not_write_is_refused_and_nothing_else_happens(
    name: str, given: dict[str, Any], comment: int | None
) -> None:
    for permission in ("read", "none"):
        assert intents(event(name, given), permission, OURS) == [
            Refuse("maintainer", 12, comment),
            React("confused", 12, comment),
        ]


@pytest.mark.parametrize(
    ("name", "given", "needed"),
    [
        pytest.param("issues", labelled(), True, id="label"),
        pytest.param("issues", labelled("bug"), False, id="another label"),
        pytest.param("issues", body("closed", issue=issue()), False, id="closed"),
        pytest.param("issue_comment", commented("/foreman fix"), True, id="command"),
    ],
)
def test_the_permission_is_asked_for_only_where_it_matters(
    name: str, given: dict[str, Any], needed: bool
) -> None:
    assert needs_permission(event(name, given), OURS) is needed


def test_the_same_order_has_one_trigger_and_the_next_another() -> None:
    first = intents(event("issues", labelled()), "write", OURS)
    again = intents(event("issues", labelled()), "write", OURS)
    later = intents(
        event("issues", labelled(issue=issue(updated_at="2026-03-01T13:00:00Z"))), "write", OURS
    )

    assert first == again
    assert first != later


def test_edited_comments_are_not_even_kept() -> None:
    assert USED["issue_comment"] == {"created"}
    assert parse("issue_comment", {**commented("/foreman fix"), "action": "edited"}) is None


def test_every_used_event_and_action_asks_for_something() -> None:
    givens = {
        "issues": body("", issue=issue(), label=LABEL),
        "issue_comment": commented("/foreman help"),
        "pull_request": body("", pull_request=pull_request(), label=LABEL),
    }
    for name, actions in USED.items():
        for action in actions:
            given = {**givens[name], "action": action}
            assert intents(event(name, given), "write", OURS) != [], (name, action)
