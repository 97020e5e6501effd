from __future__ import annotations

from pathlib import Path

import yaml

from app.github.permissions import TABLE, app_permissions, permissions
from app.webhook.events import USED

MANIFEST = yaml.safe_load((Path(__file__).parents[3] / "app.yml").read_text(encoding="utf-8"))


def test_each_phase_has_exactly_the_permissions_of_its_endpoints() -> None:
    assert permissions("read") == dict.fromkeys(
        ("actions", "checks", "contents", "issues", "pull_requests", "statuses"), "read"
    )
    assert permissions("push") == {"contents": "write", "pull_requests": "write"}
    assert permissions("report") == {
        "actions": "read",
        "checks": "write",
        "contents": "write",
        "issues": "write",
        "pull_requests": "write",
        "statuses": "read",
    }


def test_the_manifest_asks_for_what_the_table_needs_and_no_more() -> None:
    assert MANIFEST["default_permissions"] == app_permissions()


def test_the_manifest_subscribes_to_the_events_that_are_used() -> None:
    assert MANIFEST["default_events"] == sorted(USED)


def test_the_manifest_is_private_and_its_hook_active() -> None:
    assert MANIFEST["public"] is False
    assert MANIFEST["hook_attributes"]["active"] is True
    assert MANIFEST["hook_attributes"]["url"].split("/")[2].endswith(".invalid")


def test_permissions_that_nothing_uses_yet_wait_for_a_named_row() -> None:
    """This list only shrinks."""
    waiting = {
        (phase, permission, tuple(e.row for e in endpoints if e.permission == permission))
        for phase, endpoints in TABLE.items()
        for permission in {e.permission for e in endpoints if e.row}
    }

    assert waiting == {("report", "statuses", ("I14",)), ("report", "actions", ("I14",))}


def test_no_phase_can_touch_workflows_administration_or_secrets() -> None:
    assert not set(app_permissions()) & {"workflows", "administration", "secrets", "members"}
