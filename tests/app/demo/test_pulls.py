from __future__ import annotations

from typing import Any

import pytest

from tests.app.demo.conftest import FILES, REPOSITORY, World

R = f"/repos/{REPOSITORY}"


async def test_a_pull_request_is_computed_from_its_refs(world: World) -> None:
    pull = await world.pull(user="app", draft=True)
    token = await world.api.token()

    long = await world.api("GET", f"{R}/pulls/1", token=token)
    files = await world.api("GET", f"{R}/pulls/1/files", token=token)
    refs = await world.github.world.repository(REPOSITORY).git.refs("refs/pull/")

    assert pull["mergeable"] is None
    assert (long.body["mergeable"], long.body["mergeable_state"]) == (True, "draft")
    assert (long.body["commits"], long.body["additions"], long.body["deletions"]) == (1, 2, 1)
    assert [f["filename"] for f in files.body] == ["widget.py"]
    assert files.body[0]["patch"].startswith("@@ -7,7 +7,7 @@ line 6\n line 7\n")
    assert refs["refs/pull/1/head"] == pull["head"]["sha"]
    assert refs["refs/pull/1/merge"] == long.body["merge_commit_sha"]
    assert pull["user"]["login"] == "foreman[bot]"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"head": "nowhere"}, "head", id="no-head"),
        pytest.param({"base": "nowhere"}, "base", id="no-base"),
        pytest.param({"head": "eve:fix"}, "head", id="no-fork"),
    ],
)
async def test_a_ref_that_is_not_there_is_invalid(
    world: World, body: dict[str, str], field: str
) -> None:
    await world.github.push(REPOSITORY, "fix", "ann", {"new.py": "1\n"})
    wanted = {"title": "T", "head": "fix", "base": "main", **body}

    answer = await world.api("POST", f"{R}/pulls", wanted, token=await world.api.token())

    assert answer.status == 422
    error = {"resource": "PullRequest", "code": "invalid", "field": field}
    assert answer.body["errors"] == [error]


async def test_there_is_one_open_pull_request_for_a_branch_and_base(world: World) -> None:
    await world.pull(user="app")
    token, wanted = await world.api.token(), {"title": "T", "head": "fix", "base": "main"}

    again = await world.api("POST", f"{R}/pulls", wanted, token=token)
    await world.github.close(REPOSITORY, 1, "ann")
    after_closing = await world.api("POST", f"{R}/pulls", wanted, token=token)

    assert again.status == 422
    assert again.body["errors"][0]["message"] == "A pull request already exists for acme:fix."
    assert after_closing.status == 201


async def test_a_branch_without_a_commit_of_its_own_is_no_pull_request(world: World) -> None:
    token = await world.api.token()
    main = (await world.github.branches(REPOSITORY))["main"]
    await world.api("POST", f"{R}/git/refs", {"ref": "refs/heads/x", "sha": main}, token=token)

    answer = await world.api(
        "POST", f"{R}/pulls", {"title": "T", "head": "x", "base": "main"}, token=token
    )

    assert answer.status == 422
    assert answer.body["errors"][0]["message"] == "No commits between main and x"


async def test_drafts_can_be_unavailable(world: World) -> None:
    await world.github.create_repository("acme/free", {"a": "b\n"}, drafts=False)
    await world.github.push("acme/free", "fix", "acme", {"a": "c\n"})
    token = await world.api.token("acme/free")
    wanted = {"title": "T", "head": "fix", "base": "main"}

    draft = await world.api(
        "POST", "/repos/acme/free/pulls", {**wanted, "draft": True}, token=token
    )
    normal = await world.api("POST", "/repos/acme/free/pulls", wanted, token=token)

    assert (draft.status, normal.status) == (422, 201)
    assert draft.message == "Draft pull requests are not supported in this repository."


async def test_pull_requests_are_found_by_head_and_base(world: World) -> None:
    await world.pull(user="app")
    token = await world.api.token()

    async def found(query: str) -> list[int]:
        answer = await world.api("GET", f"{R}/pulls?{query}", token=token)
        return [p["number"] for p in answer.body]

    assert await found("head=acme:fix&base=main") == [1]
    assert await found("head=acme:other") == []
    assert await found("head=fix-is-no-filter-without-its-owner") == [1]
    assert await found("base=develop") == []
    await world.github.close(REPOSITORY, 1, "ann")
    assert await found("head=acme:fix") == []
    assert await found("head=acme:fix&state=all") == [1]


async def test_a_push_synchronizes(world: World) -> None:
    pull = await world.pull()
    before = pull["head"]["sha"]

    after = await world.github.push(REPOSITORY, "fix", "ann", {"more.py": "1\n"})

    await world.github.settled()
    seen = await world.github.pull(REPOSITORY, 1)
    sent = [d for d in await world.github.sent() if d["action"] == "synchronize"]
    payload = sent[0]["request"]["payload"]
    assert (seen["head"]["sha"], seen["changed_files"], seen["commits"]) == (after, 2, 2)
    assert (payload["before"], payload["after"]) == (before, after)
    assert payload["pull_request"]["head"]["sha"] == after


async def test_a_conflict_with_the_base_is_seen(world: World) -> None:
    await world.pull()
    changed = FILES["widget.py"].replace("line 10\n", "line zehn\n")

    await world.github.push(REPOSITORY, "main", "ann", {"widget.py": changed})

    pull = await world.github.pull(REPOSITORY, 1)
    assert (pull["mergeable"], pull["mergeable_state"]) == (False, "dirty")
    answer = await world.api("PUT", f"{R}/pulls/1/merge", {}, token=await world.api.token())
    assert (answer.status, answer.message) == (405, "Pull Request is not mergeable")


async def test_merging_closes_what_it_fixes(world: World) -> None:
    github = world.github
    await github.open_issue(REPOSITORY, "ann", "Bug")
    await github.push(REPOSITORY, "fix", "ann", {"new.py": "1\n"})
    body = "Some text\n\nFixes #1"
    await github.open_pull_request(REPOSITORY, "ann", "Fix", "fix", body=body)

    await github.merge(REPOSITORY, 2, "ann")

    pull, issue = await github.pull(REPOSITORY, 2), await github.issue(REPOSITORY, 1)
    assert (pull["merged"], pull["state"], issue["state"]) == (True, "closed", "closed")
    assert await github.file(REPOSITORY, "main", "new.py") == "1\n"


async def test_a_head_that_comes_into_the_base_by_push_counts_as_merged(world: World) -> None:
    await world.pull()
    token = await world.api.token()
    head = (await world.github.branches(REPOSITORY))["fix"]

    await world.api("PATCH", f"{R}/git/refs/heads/main", {"sha": head}, token=token)

    assert (await world.github.pull(REPOSITORY, 1))["merged"]


async def test_deleting_the_branch_closes(world: World) -> None:
    await world.pull()

    await world.github.delete_branch(REPOSITORY, "fix", "ann")

    assert (await world.github.pull(REPOSITORY, 1))["state"] == "closed"


async def test_a_fork_brings_a_pull_request_of_its_own(world: World) -> None:
    github = world.github
    await github.set_permission(REPOSITORY, "bob", "read")
    await github.fork(REPOSITORY, "bob")
    await github.push("bob/widget", "fix", "bob", {"new.py": "1\n"})

    pull = await github.open_pull_request(REPOSITORY, "bob", "Fix", "bob:fix")
    later = await github.push("bob/widget", "fix", "bob", {"new.py": "2\n"})

    seen = await github.pull(REPOSITORY, 1)
    refs = await github.world.repository(REPOSITORY).git.refs("refs/pull/1/head")
    assert pull["head"]["repo"]["full_name"] == "bob/widget"
    assert pull["head"]["label"] == "bob:fix"
    assert (seen["head"]["sha"], refs["refs/pull/1/head"]) == (later, later)


@pytest.mark.parametrize("status", ["added", "removed", "renamed", "binary", "mode"])
async def test_every_kind_of_change_is_listed(world: World, status: str) -> None:
    files: dict[str, dict[str, Any]] = {
        "added": {"new file.py": "a\n\nb"},
        "removed": {"README.md": None},
        "renamed": {"README.md": None, "docs/LIES MICH.md": "# Widget\n"},
        "binary": {"blob.bin": b"\0\1\2"},
        "mode": {"widget.py": FILES["widget.py"] + "diff --git a/x b/y\n@@ -1 +1 @@\n"},
    }
    if status == "binary":
        github = world.github.world.repository(REPOSITORY)
        signature = world.github.world.signature(github.owner)
        parent = await github.git.branch("main")
        await github.git.commit_files(
            "fix", files["binary"], message="m", author=signature, parent=parent
        )
    else:
        await world.github.push(REPOSITORY, "fix", "ann", files[status])
    await world.github.open_pull_request(REPOSITORY, "ann", "Fix", "fix")

    answer = await world.api("GET", f"{R}/pulls/1/files", token=await world.api.token())

    (file,) = answer.body
    expected: dict[str, tuple[Any, ...]] = {
        "added": (
            "new file.py",
            "added",
            3,
            0,
            "@@ -0,0 +1,3 @@\n+a\n+\n+b\n\\ No newline at end of file",
        ),
        "removed": ("README.md", "removed", 0, 1, "@@ -1 +0,0 @@\n-# Widget"),
        "renamed": ("docs/LIES MICH.md", "renamed", 0, 0, None),
        "binary": ("blob.bin", "added", 0, 0, None),
        "mode": ("widget.py", "modified", 2, 0, None),
    }
    name, word, added, deleted, patch = expected[status]
    assert (file["filename"], file["status"]) == (name, word)
    assert (file["additions"], file["deletions"]) == (added, deleted)
    if status == "mode":
        assert file["patch"].endswith("+diff --git a/x b/y\n+@@ -1 +1 @@")
    else:
        assert file.get("patch") == patch
    assert file.get("previous_filename") == ("README.md" if status == "renamed" else None)
