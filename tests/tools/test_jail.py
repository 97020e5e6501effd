from __future__ import annotations

import ctypes
import os
import socket
import stat
import threading
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.errors import ToolError
from tools.jail import Jail, digests
from tools.walk import is_git_name

SECRET = b"canary-7f3a"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A workspace `ws` beside a secret outside it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(SECRET)
    work = tmp_path / "ws"
    (work / "src").mkdir(parents=True)
    (work / "src" / "main.py").write_text("print(1)\n")
    return tmp_path


@pytest.fixture
def jail(world: Path) -> Jail:
    return Jail(world / "ws", seen_as="/workspace")


@pytest.mark.parametrize(
    "path",
    ["src/main.py", "./src//main.py", "src/../src/main.py", "/workspace/src/main.py"],
)
def test_paths_inside_are_read(jail: Jail, path: str) -> None:
    assert jail.read(path, most=100).path == "src/main.py"


def test_the_workspace_s_own_path_is_inside(jail: Jail, world: Path) -> None:
    assert jail.read(str(world / "ws/src/main.py"), most=100).data == b"print(1)\n"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("../outside/secret", id="up"),
        pytest.param("src/../../outside/secret", id="up through a folder"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("/workspace/../outside/secret", id="absolute and up"),
        pytest.param("/workspace2/secret", id="another root that begins the same"),
        pytest.param("/proc/self/environ", id="proc"),
        pytest.param("/proc/self/root/etc/passwd", id="proc root"),
        pytest.param("/dev/zero", id="device"),
        pytest.param("link", id="link to a file outside"),
        pytest.param("folder/secret", id="link to a folder outside"),
        pytest.param("up/outside/secret", id="relative link out"),
        pytest.param("loop", id="link to itself"),
        pytest.param("pipe", id="fifo"),
        pytest.param("socket", id="socket"),
        pytest.param("zero", id="link to a device"),
        pytest.param("fd", id="link to a descriptor"),
        pytest.param("", id="empty"),
        pytest.param("a\0b", id="nul"),
        pytest.param("\ud800", id="half a character"),
        pytest.param("x" * 5000, id="long"),
        pytest.param("a/" * 3000 + "b", id="deep"),
    ],
)
def test_ways_out_are_refused(jail: Jail, world: Path, path: str) -> None:
    work = world / "ws"
    (work / "link").symlink_to(world / "outside/secret")
    (work / "folder").symlink_to(world / "outside")
    (work / "up").symlink_to("..")
    (work / "loop").symlink_to("loop")
    (work / "zero").symlink_to("/dev/zero")
    (work / "fd").symlink_to("/proc/self/fd/0")
    os.mkfifo(work / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(work / "socket"))

        with pytest.raises(ToolError):
            jail.read(path, most=100)
        with pytest.raises(ToolError):
            jail.write(path, b"x")

    assert (world / "outside/secret").read_bytes() == SECRET
    assert names(world / "outside") == ["secret"]


def test_a_new_file_below_a_link_out_is_not_made(jail: Jail, world: Path) -> None:
    (world / "ws/folder").symlink_to(world / "outside")

    with pytest.raises(ToolError, match="leads out"):
        jail.write("folder/new", b"x")

    assert names(world / "outside") == ["secret"]


@pytest.mark.parametrize("target", ["../src", "/workspace/src"])
def test_links_that_stay_inside_are_followed(jail: Jail, world: Path, target: str) -> None:
    (world / "ws/lib").mkdir()
    (world / "ws/lib/link").symlink_to(target)

    assert jail.read("lib/link/main.py", most=100).path == "src/main.py"


@pytest.mark.parametrize(
    "path",
    [".git/config", ".GIT/config", "src/.Git", ".git", ".git./config", "git~1", ".g\u200cit/x"],
)
def test_git_s_files_are_out_of_reach(jail: Jail, world: Path, path: str) -> None:
    (world / "ws/.git").mkdir()
    (world / "ws/.git/config").write_text("[core]\n")

    with pytest.raises(ToolError, match="git's own"):
        jail.read(path, most=100)
    with pytest.raises(ToolError, match="git's own"):
        jail.write(path, b"x")


def test_a_link_to_git_s_files_is_refused(jail: Jail, world: Path) -> None:
    (world / "ws/.git").mkdir()
    (world / "ws/hooks").symlink_to(".git/hooks")

    with pytest.raises(ToolError, match="git's own"):
        jail.write("hooks/pre-commit", b"#!/bin/sh\n")


@pytest.mark.parametrize("name", [".github", ".gitignore", ".gitattributes", "git", "x.git"])
def test_names_like_git_s_are_free(name: str) -> None:
    assert not is_git_name(name)


def test_a_written_file_keeps_its_mode(jail: Jail, world: Path) -> None:
    (world / "ws/run.sh").write_text("old")
    (world / "ws/run.sh").chmod(0o755)

    assert jail.write("run.sh", b"new") == ("run.sh", False)

    assert stat.S_IMODE((world / "ws/run.sh").stat().st_mode) == 0o755
    assert (world / "ws/run.sh").read_text() == "new"


def test_folders_are_made_on_the_way(jail: Jail, world: Path) -> None:
    assert jail.write("a/b/c.txt", b"new") == ("a/b/c.txt", True)
    assert (world / "ws/a/b/c.txt").read_text() == "new"


def test_a_hard_link_is_not_written_through(jail: Jail, world: Path) -> None:
    os.link(world / "outside/secret", world / "ws/hard")

    with pytest.raises(ToolError, match="hard links"):
        jail.write("hard", b"x")

    assert (world / "outside/secret").read_bytes() == SECRET


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("src/mian.py", "src has main.py"),
        ("src", "is a directory"),
        ("src/main.py/x", "is a file"),
    ],
)
def test_errors_say_what_is_there(jail: Jail, path: str, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        jail.read(path, most=100)


def exchange(one: Path, other: Path) -> None:
    """Swap two names in one step (renameat2, RENAME_EXCHANGE)."""
    cwd, swap = -100, 2
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.renameat2(cwd, os.fsencode(one), cwd, os.fsencode(other), swap) == 0


def test_swapping_a_folder_for_a_link_never_leads_out(jail: Jail, world: Path) -> None:
    """A thread swaps the folder and a link to the outside all the time while both are used."""
    inside, link = world / "ws/d", world / "ws/link"
    inside.mkdir()
    (inside / "secret").write_bytes(b"inside")
    link.symlink_to(world / "outside")
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            exchange(inside, link)

    swapper = threading.Thread(target=swap)
    swapper.start()
    read = refused = 0
    try:
        for turn in range(3000):
            try:
                assert jail.read("d/secret", most=100).data != SECRET
                jail.write(f"d/new{turn % 3}", b"x")
                read += 1
            except ToolError:
                refused += 1
    finally:
        done.set()
        swapper.join()

    assert read
    assert refused
    assert names(world / "outside") == ["secret"]
    assert (world / "outside/secret").read_bytes() == SECRET


def test_swapping_a_file_for_a_link_never_leads_out(jail: Jail, world: Path) -> None:
    victim = world / "ws/f"
    done = threading.Event()

    def swap() -> None:
        turn = 0
        while not done.is_set():
            turn += 1
            fresh = world / "ws" / f"fresh{turn % 2}"
            if turn % 2:
                fresh.symlink_to(world / "outside/secret")
            else:
                fresh.write_bytes(b"inside")
            fresh.rename(victim)

    victim.write_bytes(b"inside")
    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for _ in range(3000):
            try:
                assert jail.read("f", most=100).data != SECRET
                jail.write("f", b"mine")
            except ToolError:
                pass
    finally:
        done.set()
        swapper.join()

    assert (world / "outside/secret").read_bytes() == SECRET


PIECES = st.sampled_from(
    ["..", ".", "", "src", "main.py", "in", "out", "up", ".git", "new", "/workspace"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=7), st.booleans())
def test_whatever_is_opened_lies_inside(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], absolute: bool
) -> None:
    top = tmp_path_factory.mktemp("jail")
    work = top / "ws"
    (work / "src").mkdir(parents=True)
    (work / "src/main.py").write_text("x")
    (work / "in").symlink_to("src")
    (work / "out").symlink_to(top)
    (work / "src/up").symlink_to("..")
    path = ("/" if absolute else "") + "/".join(pieces)

    try:
        real, _ = Jail(work, seen_as="/workspace").write(path, b"y")
    except ToolError:
        pass
    else:
        assert ".." not in PurePosixPath(real).parts
        assert (work / real).resolve().is_relative_to(work)
        assert (work / real).read_bytes() == b"y"
    assert names(top) == ["ws"]


def test_a_file_that_is_not_as_it_was_checked_out_is_told(tmp_path: Path) -> None:
    for name in ("kept", "written", "linked"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("kept")
    known = digests(Jail(tmp_path), ["kept", "written", "linked", "link", "gone"])
    (tmp_path / "written").write_text("anew")
    (tmp_path / "linked").unlink()
    (tmp_path / "linked").symlink_to("kept")
    jail = Jail(tmp_path, digests=known)

    assert {name: jail.read(name, most=100).altered for name in ("kept", "written", "linked")} == {
        "kept": False,
        "written": True,
        "linked": True,
    }
    assert not jail.read("link", most=100).altered
