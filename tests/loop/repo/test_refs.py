from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loop.repo import refs
from loop.repo.errors import RefError


@pytest.mark.parametrize(
    "name",
    [
        "main",
        "release/1.2",
        "foreman/acme-shop-12-abc123/issue-12",
        "fix#12",
        "ünï/cödé",
        "a@b",
        "x.y",
        "+main",
    ],
)
def test_usual_branch_names_are_taken(name: str) -> None:
    assert refs.is_branch(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("-upload-pack=x", id="option"),
        pytest.param("--", id="dashes"),
        pytest.param("a..b", id="dots"),
        pytest.param("main@{1}", id="reflog"),
        pytest.param("@{-1}", id="previous"),
        pytest.param("@", id="at"),
        pytest.param("HEAD", id="head"),
        pytest.param("a b", id="space"),
        pytest.param("a\nb", id="newline"),
        pytest.param("a\tb", id="tab"),
        pytest.param("a~1", id="parent"),
        pytest.param("a^{}", id="peel"),
        pytest.param("a:b", id="refspec"),
        pytest.param("a*", id="glob"),
        pytest.param("a\\b", id="backslash"),
        pytest.param("/a", id="slash-first"),
        pytest.param("a/", id="slash-last"),
        pytest.param("a//b", id="slashes"),
        pytest.param(".a", id="dot-first"),
        pytest.param("a/.b", id="hidden"),
        pytest.param("a.lock", id="lock"),
        pytest.param("a.lock/b", id="lock-folder"),
        pytest.param("a.", id="dot-last"),
        pytest.param("refs/heads/main", id="full-ref"),
        pytest.param("ma\u200bin", id="zero-width"),
        pytest.param("ma\u202ein", id="right-to-left"),
        pytest.param("a" * 300, id="long"),
        pytest.param("\ud800", id="surrogate"),
    ],
)
def test_names_that_could_mean_something_else_are_refused(name: str) -> None:
    with pytest.raises(RefError, match="not a branch name"):
        refs.checked_branch(name)


@given(st.text(st.sampled_from("ab/.@{}-~^:?*[\\ \t\x7f\u00e9\u200blockHEAD"), max_size=12))
@example("a.lock")
def test_what_we_take_git_takes(name: str) -> None:
    if refs.is_branch(name):
        command = ["git", "check-ref-format", f"refs/heads/{name}"]
        assert subprocess.run(command, check=False).returncode == 0


@pytest.mark.parametrize(
    ("values", "branch"),
    [
        (
            {"task": "t", "workload": "acme-shop-12-abc", "issue": 12},
            "foreman/acme-shop-12-abc/issue-12",
        ),
        ({"task": "t", "issue": 12}, "foreman/issue-12"),
        ({"task": "freeform-3"}, "foreman/freeform-3"),
        ({"task": "a task: ../x"}, "foreman/a-task-..-x"),
    ],
)
def test_task_branches(values: dict[str, object], branch: str) -> None:
    if ".." in branch:
        with pytest.raises(RefError):
            refs.task_branch(**values)  # type: ignore[arg-type]
    else:
        assert refs.task_branch(**values) == branch  # type: ignore[arg-type]


def test_kept_attempts_lie_beside_the_branch() -> None:
    assert refs.attempt_branch("foreman/w/issue-1", 2) == "foreman/w/issue-1-attempt-2"
    assert refs.gate_failed_branch("w-code-1") == "foreman/gate-failed/w-code-1"


@pytest.mark.parametrize(
    "branch",
    ["main", "foreman", "foreman/", "foreman/a b", "foreman/../main", "Foreman/x", "foreman/ü"],
)
def test_pushes_go_below_foreman_only(branch: str) -> None:
    with pytest.raises(RefError):
        refs.push_branch(branch)


@pytest.mark.parametrize(
    "ref", ["main", "refs/heads", "refs/heads/a..b", "-refs/heads/a", "refs//a"]
)
def test_refs_are_full_names(ref: str) -> None:
    with pytest.raises(RefError):
        refs.checked_ref(ref)


def test_refs_of_branches_and_pull_requests() -> None:
    assert refs.checked_ref(refs.head("main")) == "refs/heads/main"
    assert refs.checked_ref(refs.pull(7)) == "refs/pull/7/head"


@pytest.mark.parametrize("sha", ["abc", "HEAD", "g" * 40, "a" * 41, "A" * 40])
def test_shas_are_full(sha: str) -> None:
    with pytest.raises(RefError):
        refs.checked_sha(sha)
    assert refs.checked_sha("a" * 40)
