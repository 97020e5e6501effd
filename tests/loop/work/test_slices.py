"""Slices of one issue: made one branch, and found to agree, on a real repository."""

from __future__ import annotations

from typing import Any

import pytest

from loop.work.integrate import integrate, overlapping
from loop.work.job import Done, Part, SharedName
from loop.work.reconcile import drifting, holds, reconcile
from tests.loop.work.person import commit
from tests.loop.work.workshop import Workshop, persona

UNION = "foreman/w/integ"
CLIENT = Part("client", "foreman/w/client", ("client.py", "web/"))
SERVER = Part("server", "foreman/w/server", ("server.py",))
KEY = SharedName("user_id", "server", ("client",))


def slice_of(workshop: Workshop, part: Part, files: dict[str, str]) -> str:
    workshop.git("branch", part.branch, "main")
    return commit(workshop, part.branch, files, message=f"Write {part.name}")


async def integrated(workshop: Workshop, **fields: Any) -> Done:
    given = {"task": "i", "uid": "uid-i", "kind": "integrate", "branch": UNION}
    async with workshop.means() as means:
        job = workshop.job(**{**given, "parts": (CLIENT, SERVER), **fields})
        return await integrate(job, persona(role="verifier"), means)


async def reconciled(workshop: Workshop, **fields: Any) -> Done:
    given = {"task": "r", "kind": "reconcile", "branch": UNION, "shared_names": (KEY,)}
    async with workshop.means() as means:
        job = workshop.job(**{**given, "parts": (CLIENT, SERVER), **fields})
        return await reconcile(job, persona(role="verifier"), means)


def both(workshop: Workshop, *, client: str = "user_id = 1\n") -> None:
    slice_of(workshop, CLIENT, {"client.py": client, "web/a.js": "1;\n"})
    slice_of(workshop, SERVER, {"server.py": "def user_id(): ...\n"})


async def test_each_slice_gives_its_own_files(workshop: Workshop) -> None:
    slice_of(workshop, CLIENT, {"client.py": "c\n", "web/a.js": "1;\n", "add.py": "stray\n"})
    slice_of(workshop, SERVER, {"server.py": "s\n"})
    base = commit(workshop, "main", {"CHANGES.md": "New.\n"}, message="Note changes")

    done = await integrated(workshop)

    extra = done.result.extra
    assert (done.result.verdict, extra.dispatched_tool) == ("GATE-PASS", "run_integrate")
    assert extra.commit_sha == workshop.git("rev-parse", UNION)
    assert workshop.git("rev-parse", f"{UNION}^") == base
    assert workshop.git("diff", "--name-only", "main", UNION).split() == [
        "client.py",
        "server.py",
        "web/a.js",
    ]
    message = workshop.git("log", "-1", "--format=%B", UNION)
    assert message.startswith("Integrate client, server\n")
    assert "left out, not its own: add.py" in message
    assert "Foreman-Task: uid-i" in message


async def test_a_deleted_and_a_moved_file_are_followed(workshop: Workshop) -> None:
    commit(workshop, "main", {"client.py": "a\nb\nc\n" * 9, "server.py": "s\n"}, message="Both")
    workshop.git("branch", CLIENT.branch, "main")
    commit(
        workshop, CLIENT.branch, {"web/b.py": "a\nb\nc\n" * 9}, message="Copy", gone=["client.py"]
    )
    workshop.git("branch", SERVER.branch, "main")
    commit(workshop, SERVER.branch, {}, message="Drop", gone=["server.py"])

    done = await integrated(workshop)

    assert done.result.verdict == "GATE-PASS"
    names = workshop.git("ls-tree", "-r", "--name-only", UNION).split()
    assert "web/b.py" in names
    assert not {"client.py", "server.py"} & set(names)


async def test_a_slice_that_fell_behind_is_merged_not_copied(workshop: Workshop) -> None:
    lines = "".join(f"line {n}\n" for n in range(20))
    commit(workshop, "main", {"server.py": lines}, message="Serve")
    slice_of(workshop, SERVER, {"server.py": lines.replace("line 2\n", "line two\n")})
    slice_of(workshop, CLIENT, {"client.py": "c\n"})
    moved = lines.replace("line 18\n", "line eighteen\n")
    commit(workshop, "main", {"server.py": moved}, message="Serve on")

    done = await integrated(workshop)

    assert done.result.verdict == "GATE-PASS"
    text = workshop.git("show", f"{UNION}:server.py")
    assert "line two\n" in text
    assert "line eighteen\n" in text


async def test_a_slice_that_clashes_with_the_base_fails(workshop: Workshop) -> None:
    both(workshop)
    commit(workshop, "main", {"server.py": "another\n"}, message="Serve otherwise")

    done = await integrated(workshop)

    assert (done.result.verdict, done.result.failure_reason) == ("GATE-FAIL", "GateFailed")
    assert done.result.summary == "slice server cannot be merged with main: server.py"
    assert "client: client.py, web/a.js" in (done.result.extra.log_tail or "")
    assert UNION not in workshop.branches()


async def test_a_union_of_nothing_fails(workshop: Workshop) -> None:
    slice_of(workshop, CLIENT, {"add.py": "stray\n"})
    slice_of(workshop, SERVER, {"NOTES.md": "stray\n"})

    done = await integrated(workshop)

    assert done.result.verdict == "GATE-FAIL"
    assert done.result.summary == "no slice changed any of its files"


async def test_a_secret_in_a_slice_stays_where_it_is(workshop: Workshop) -> None:
    token = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    both(workshop, client=f'KEY = "{token}"\n')

    done = await integrated(workshop)

    assert done.result.verdict == "GATE-FAIL"
    assert "client.py" in done.result.summary
    assert token not in str(done.result.wire())


async def test_a_slice_that_was_never_pushed_is_an_error(workshop: Workshop) -> None:
    slice_of(workshop, CLIENT, {"client.py": "c\n"})

    done = await integrated(workshop)

    assert (done.result.verdict, done.result.failure_reason) == ("GATE-ERROR", "GateError")
    assert done.result.summary == "slice server: branch foreman/w/server is not on the remote"


async def test_a_second_claim_finds_what_the_first_pushed(workshop: Workshop) -> None:
    both(workshop)
    first = await integrated(workshop)

    again = await integrated(workshop)

    assert again.result.verdict == "GATE-PASS"
    assert again.result.extra.commit_sha == first.result.extra.commit_sha


async def test_another_integration_keeps_the_former(workshop: Workshop) -> None:
    both(workshop)
    first = await integrated(workshop)
    commit(workshop, SERVER.branch, {"server.py": "def user_id(x): ...\n"}, message="Mend")

    done = await integrated(workshop, task="i2", uid="uid-j")

    assert done.result.verdict == "GATE-PASS"
    assert workshop.git("rev-parse", f"{UNION}-attempt-1") == first.result.extra.commit_sha


async def test_what_people_put_on_the_union_is_not_replaced(workshop: Workshop) -> None:
    both(workshop)
    await integrated(workshop)
    theirs = commit(workshop, UNION, {"ann.txt": "Ann\n"}, message="Say hello")

    done = await integrated(workshop, task="i2", uid="uid-j")

    assert done.result.verdict == "GATE-ERROR"
    assert workshop.git("rev-parse", UNION) == theirs


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        pytest.param((), "none is named", id="none"),
        pytest.param((CLIENT, CLIENT), "two are called client", id="twice"),
        pytest.param((Part("a", "", ("a",)),), "a names no branch", id="no branch"),
        pytest.param((Part("a", "b", ()),), "a names no files", id="no files"),
    ],
)
async def test_a_plan_that_cannot_be_carried_out(
    workshop: Workshop, parts: tuple[Part, ...], told: str
) -> None:
    done = await integrated(workshop, parts=parts)

    assert done.result.verdict == "GATE-ERROR"
    assert told in done.result.summary


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        pytest.param(("a.py",), ("a.py",), "slices x and y both claim a.py", id="same"),
        pytest.param(("src/",), ("src/a.py",), "both claim src/ and src/a.py", id="folder"),
        pytest.param(("src/a/",), ("src/",), "both claim src/a/ and src/", id="in folder"),
        pytest.param(("src/",), ("src.py", "srcs/a"), "", id="apart"),
    ],
)
def test_overlap(one: tuple[str, ...], other: tuple[str, ...], told: str) -> None:
    found = overlapping((Part("x", "x", one), Part("y", "y", other)))

    assert told in found
    assert bool(told) == bool(found)


async def test_an_overlap_fails_the_gate(workshop: Workshop) -> None:
    done = await integrated(workshop, parts=(CLIENT, Part("other", "o", ("client.py",))))

    assert done.result.verdict == "GATE-FAIL"


async def test_slices_that_agree_pass(workshop: Workshop) -> None:
    both(workshop)
    await integrated(workshop)

    done = await reconciled(workshop)

    assert done.result.verdict == "GATE-PASS"
    assert done.result.extra.dispatched_tool == "run_reconcile"
    assert done.result.extra.commit_sha == workshop.git("rev-parse", UNION)


async def test_a_name_that_drifted_fails_and_is_listed(workshop: Workshop) -> None:
    both(workshop, client="user_ident = 1\n")
    await integrated(workshop)

    done = await reconciled(workshop, contract="Both speak of user_id.")

    assert done.result.verdict == "GATE-FAIL"
    assert done.result.extra.log_tail == (
        "The slices agreed on:\nBoth speak of user_id.\n\n"
        "user_id: client refers to it, but does not hold it (client.py, web/a.js)"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param(SharedName("user_", "server", ()), "no whole word", id="open end"),
        pytest.param(SharedName("user_id", "db", ()), "names slice 'db'", id="unknown slice"),
    ],
)
async def test_names_that_cannot_be_checked(
    workshop: Workshop, name: SharedName, told: str
) -> None:
    done = await reconciled(workshop, shared_names=(name,))

    assert done.result.verdict == "GATE-ERROR"
    assert told in done.result.summary


def test_a_slice_without_files_holds_nothing() -> None:
    [line] = drifting(SharedName("x", "a", ()), {"a": {}})

    assert line == "x: a defines it, but does not hold it (none of its files is there)"


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        pytest.param("let user_id = 1", "user_id", True, id="word"),
        pytest.param("user_ids", "user_id", False, id="longer"),
        pytest.param("my_user_id", "user_id", False, id="tail"),
        pytest.param("a.user_id()", "user_id", True, id="member"),
        pytest.param('"x-api-key"', "x-api-key", True, id="dashes"),
        pytest.param('"x-api-key-2"', "x-api-key", False, id="longer dashes"),
        pytest.param("größe = 1", "größe", True, id="letters"),
        pytest.param("übergröße", "größe", False, id="inside letters"),
    ],
)
def test_whole_words(text: str, name: str, *, found: bool) -> None:
    assert holds(text, name) == found
