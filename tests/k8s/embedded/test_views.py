from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from k8s.embedded import installation, views
from k8s.embedded.jsonpath import compiled
from k8s.embedded.types import Column

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
AGO = "2026-05-04T11:59:30Z"
TYPES, _ = installation.types()


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-2, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (200, "3m20s"),
        (599, "9m59s"),
        (600, "10m"),
        (10_799, "179m"),
        (10_800, "3h"),
        (12_600, "3h30m"),
        (28_800, "8h"),
        (172_799, "47h"),
        (172_800, "2d"),
        (176_400, "2d1h"),
        (691_200, "8d"),
        (63_072_000, "2y"),
        (63_158_400, "2y1d"),
        (252_288_000, "8y"),
    ],
)
def test_ages_are_kubectls(seconds: int, shown: str) -> None:
    assert views.duration(timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", 5])
def test_no_time_is_unknown(timestamp: Any) -> None:
    assert views.since(timestamp, NOW) == "<unknown>"


TREE = {
    "a": {"b": 1, "x.y": 2},
    "list": [{"type": "A", "status": "True"}, {"type": "B", "status": "False", "n": {"m": 3}}],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".a.b", [1]),
        (".a.c", []),
        (".a.b.c", []),
        (r".a.x\.y", [2]),
        (".a['x.y']", [2]),
        (".list[0].type", ["A"]),
        (".list[-1].type", ["B"]),
        (".list[7]", []),
        (".list[*].type", ["A", "B"]),
        (".a[*]", [1, 2]),
        ('.list[?(@.type=="B")].status', ["False"]),
        (".list[?(@.type=='B')].n.m", [3]),
        ('.list[?(@.type != "B")].status', ["True"]),
        ('.list[?(@.type=="C")].status', []),
        ('.a[?(@.type=="C")]', []),
    ],
)
def test_json_paths(path: str, found: list[Any]) -> None:
    assert compiled(path)(TREE) == found


def test_what_is_no_path_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"not a JSON path we know, at .\[range"):
        compiled(".a[range]")


@pytest.mark.parametrize(
    ("type_", "found", "cell"),
    [
        ("string", ["x"], "x"),
        ("string", ["x", "y"], "x y"),
        ("string", [True], "true"),
        ("string", [["a", "b"]], "[a b]"),
        ("string", [{"b": 1, "a": 2}], "map[a:2 b:1]"),
        ("string", [None], None),
        ("string", [], None),
        ("integer", [3], 3),
        ("integer", ["3"], None),
        ("number", [3], 3.0),
        ("boolean", [True], True),
        ("boolean", ["true"], None),
        ("date", [AGO], "30s"),
        ("date", [3], None),
    ],
)
def test_cells_have_the_type_of_their_column(type_: str, found: list[Any], cell: Any) -> None:
    assert views._cell(Column("c", type_), found, NOW) == cell


META = {"name": "n", "creationTimestamp": AGO}


@pytest.mark.parametrize(
    ("resource", "body", "cells"),
    [
        ("namespaces", {"status": {"phase": "Active"}}, ["n", "Active", "30s"]),
        ("configmaps", {"data": {"a": "1"}, "binaryData": {"b": "2"}}, ["n", 2, "30s"]),
        ("secrets", {"type": "Opaque"}, ["n", "Opaque", 0, "30s"]),
        (
            "events",
            {
                "involvedObject": {"kind": "Agent", "name": "a"},
                "source": {"component": "c", "host": "h"},
                "firstTimestamp": "2026-05-04T11:50:00Z",
                "lastTimestamp": AGO,
                "count": 3,
                "type": "Normal",
                "reason": "R",
                "message": " m\n",
            },
            ["30s", "Normal", "R", "agent/a", "", "c, h", "m", "10m", 3, "n"],
        ),
        (
            "events",
            {"involvedObject": {"kind": "Agent", "name": "a"}, "eventTime": AGO},
            ["30s", "", "", "agent/a", "", "", "", "30s", 1, "n"],
        ),
        (
            "endpoints",
            {"subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]},
            ["n", "10.0.0.1:80", "30s"],
        ),
        ("endpoints", {}, ["n", "<none>", "30s"]),
        (
            "endpoints",
            {"subsets": [{"addresses": [{"ip": str(n)} for n in range(5)], "ports": [{"port": 1}]}]},
            ["n", "0:1,1:1,2:1 + 2 more...", "30s"],
        ),
        (
            "pods",
            {
                "spec": {"containers": [{}, {}]},
                "status": {
                    "phase": "Running",
                    "containerStatuses": [{"ready": True, "restartCount": 2}, {}],
                },
            },
            ["n", "1/2", "Running", "2", "30s"],
        ),
        ("leases.coordination.k8s.io", {"spec": {"holderIdentity": "h"}}, ["n", "h", "30s"]),
        (
            "jobs.batch",
            {
                "status": {
                    "succeeded": 1,
                    "startTime": "2026-05-04T11:50:00Z",
                    "completionTime": "2026-05-04T11:50:07Z",
                    "conditions": [{"type": "Complete", "status": "True"}],
                }
            },
            ["n", "Complete", "1/1", "7s", "30s"],
        ),
        ("jobs.batch", {}, ["n", "Running", "0/1", "", "30s"]),
        ("customresourcedefinitions.apiextensions.k8s.io", {}, ["n", AGO]),
        ("fleetnodes.foreman.llmkube.dev", {"spec": {}}, ["n", *[None] * 6, "30s"]),
    ],
)  # fmt: skip
def test_rows(resource: str, body: dict[str, Any], cells: list[Any]) -> None:
    type_ = TYPES[resource]

    row = views.row(type_, {**body, "metadata": META}, NOW)

    assert row["cells"] == cells
    assert len(cells) == len(views.definitions(type_))
