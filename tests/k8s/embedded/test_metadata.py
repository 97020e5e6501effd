from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from k8s.embedded import installation
from k8s.embedded.metadata import begun, carried, faults, generated_name, rfc3339

TYPES, _ = installation.types()
AGENTS, NAMESPACES = TYPES["agents.foreman.llmkube.dev"], TYPES["namespaces"]
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("meta", "fields"),
    [
        ({"name": "a"}, []),
        ({"name": "a.b-c.1"}, []),
        ({}, ["metadata.name"]),
        ({"name": "A"}, ["metadata.name"]),
        ({"name": "a_b"}, ["metadata.name"]),
        ({"name": "-a"}, ["metadata.name"]),
        ({"name": "a..b"}, ["metadata.name"]),
        ({"name": "a" * 254}, ["metadata.name"]),
        ({"name": "a", "labels": {"a/b.c_d": "E-f"}}, []),
        ({"name": "a", "labels": {"a": ""}}, []),
        ({"name": "a", "labels": {"a": "b c"}}, ["metadata.labels"]),
        ({"name": "a", "labels": {"a": "b" * 64}}, ["metadata.labels"]),
        ({"name": "a", "labels": {"a" * 64: "b"}}, ["metadata.labels"]),
        ({"name": "a", "labels": {"A/b": "c"}}, ["metadata.labels"]),
        ({"name": "a", "labels": {"/b": "c"}}, ["metadata.labels"]),
        ({"name": "a", "annotations": {"Some.Key/B": "any thing"}}, []),
        ({"name": "a", "annotations": {"b c": "d"}}, ["metadata.annotations"]),
        ({"name": "a", "annotations": {"b": "d" * 300_000}}, ["metadata.annotations"]),
        (
            {"name": "a", "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "n"}]},
            ["metadata.ownerReferences.uid"],
        ),
        ({"name": "a", "finalizers": ["x/y"]}, ["metadata.finalizers"]),
    ],
)
def test_what_metadata_may_hold(meta: dict[str, Any], fields: list[str]) -> None:
    assert [fault.field for fault in faults(AGENTS, meta)] == fields


@pytest.mark.parametrize("name", ["a.b", "a" * 64])
def test_a_namespace_has_a_narrower_name(name: str) -> None:
    assert [fault.field for fault in faults(NAMESPACES, {"name": name})] == ["metadata.name"]


def test_the_server_sets_what_is_the_servers() -> None:
    given = {"name": "a", "uid": "mine", "generation": 9, "managedFields": [], "labels": None}

    assert begun(given, uid="u", now=NOW, generation=True) == {
        "name": "a",
        "uid": "u",
        "creationTimestamp": "2026-05-04T03:02:01Z",
        "generation": 1,
    }


def test_a_change_cannot_touch_what_is_the_servers() -> None:
    old = {
        "name": "a",
        "uid": "u",
        "creationTimestamp": "then",
        "generation": 2,
        "labels": {"x": "y"},
    }
    new = {"name": "a", "uid": "", "creationTimestamp": None, "generation": 7, "labels": {}}

    assert carried(new, old) == {
        "name": "a",
        "uid": "u",
        "creationTimestamp": "then",
        "generation": 2,
    }


def test_generated_names_are_no_longer_than_a_label() -> None:
    assert generated_name("run-", lambda length: "x" * length) == "run-xxxxx"
    assert len(generated_name("r" * 100, lambda length: "x" * length)) == 63


def test_times_are_told_in_utc() -> None:
    east = datetime(2026, 5, 4, 5, 2, 1, 999, tzinfo=timezone(timedelta(hours=2)))

    assert rfc3339(east) == "2026-05-04T03:02:01Z"
