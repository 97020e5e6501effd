"""Webhook bodies in GitHub's shape, with more fields than we read."""

from __future__ import annotations

from typing import Any

SHA = "a" * 40
BASE = "b" * 40


def user(login: str, kind: str = "User") -> dict[str, Any]:
    return {"login": login, "id": 7, "type": kind, "site_admin": False}


def issue(number: int = 12, **changes: Any) -> dict[str, Any]:
    return {
        "id": 1000 + number,
        "number": number,
        "title": "It is broken",
        "body": "See `app.py`.",
        "state": "open",
        "labels": [{"name": "foreman", "color": "ededed"}],
        "user": user("reporter"),
        "created_at": "2026-03-01T11:00:00Z",
        "updated_at": "2026-03-01T12:00:00Z",
        **changes,
    }


def pull_request(number: int = 34, **changes: Any) -> dict[str, Any]:
    side = {"repo": {"full_name": "octo/hello"}}
    return {
        **issue(number),
        "head": {"ref": "topic", "sha": SHA, **side},
        "base": {"ref": "main", "sha": BASE, **side},
        **changes,
    }


def body(action: str, **parts: Any) -> dict[str, Any]:
    return {
        "action": action,
        "repository": {"id": 99, "full_name": "octo/hello", "default_branch": "main"},
        "installation": {"id": 4},
        "sender": user("maintainer"),
        **parts,
    }


def labelled(label: str = "foreman", **parts: Any) -> dict[str, Any]:
    return body("labeled", **{"issue": issue(), "label": {"name": label}, **parts})


def commented(text: str, **parts: Any) -> dict[str, Any]:
    comment = {
        "id": 77,
        "body": text,
        "user": user("maintainer"),
        "created_at": "2026-03-01T12:00:00Z",
    }
    return body("created", **{"issue": issue(), "comment": comment, **parts})
