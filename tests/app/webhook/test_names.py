from __future__ import annotations

import re

import pytest

from app.webhook.names import delivery_name, workload_name, workload_of_branch


@pytest.mark.parametrize(
    ("repository", "number", "start"),
    [
        pytest.param("octo/Hello-World", 12, "hello-world-12-", id="plain"),
        pytest.param("octo/a.b_c", 1, "a-b-c-1-", id="dots and underscores"),
        pytest.param("octo/...", 1, "repository-1-", id="nothing left"),
        pytest.param("octo/" + "x" * 100, 7, "x" * 24 + "-7-", id="long"),
        pytest.param("octo/" + "x" * 100, 2**31 - 1, "x" * 22 + "-2147483647-", id="longest"),
        pytest.param("octo/" + "x" * 23 + "-y", 7, "x" * 23 + "-7-", id="cut at a dash"),
    ],
)
def test_workload_names(repository: str, number: int, start: str) -> None:
    name = workload_name(repository, number, repository_id=5, trigger="label/t")

    assert name.startswith(start)
    assert len(name) <= 40
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name)


def test_names_differ_by_repository_issue_and_trigger_only() -> None:
    def name(
        repository: str = "o/r", number: int = 1, identity: int = 5, trigger: str = "t"
    ) -> str:
        return workload_name(repository, number, repository_id=identity, trigger=trigger)

    assert name() == name()
    assert len({name(), name(number=2), name(identity=6), name(trigger="u")}) == 4


@pytest.mark.parametrize(
    ("given", "name"),
    [
        pytest.param(
            "72D3162E-cc78-11e3-81ab-4c9367dc0958",
            "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            id="guid",
        ),
        pytest.param("", None, id="empty"),
        pytest.param("a/b", None, id="path"),
        pytest.param("-a", None, id="dash first"),
        pytest.param("a" * 64, None, id="too long"),
        pytest.param("é", None, id="not ascii"),
        pytest.param("a\n", None, id="newline"),
    ],
)
def test_delivery_names(given: str, name: str | None) -> None:
    assert delivery_name(given) == name


@pytest.mark.parametrize(
    ("branch", "name"),
    [
        pytest.param("foreman/hello-12-abcdef/issue-12", "hello-12-abcdef", id="ours"),
        pytest.param("foreman/issue-12", None, id="by hand"),
        pytest.param("feature/x", None, id="somebody's"),
        pytest.param("foreman/../issue-1", None, id="steps"),
    ],
)
def test_the_workload_is_read_from_its_branch(branch: str, name: str | None) -> None:
    assert workload_of_branch(branch) == name
