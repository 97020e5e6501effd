from __future__ import annotations

from pathlib import Path

import pytest

from tools.sandbox.cgroup import Group, Hierarchy, find, places, tidy
from tools.sandbox.runner import Limits


def test_version_1_is_where_this_process_is(tmp_path: Path) -> None:
    (tmp_path / "memory/a").mkdir(parents=True)
    mounts = (
        f"cgroup {tmp_path}/pids cgroup rw,relatime,pids 0 0\n"
        f"cgroup {tmp_path}/memory cgroup rw,memory 0 0\n"
        f"tmpfs /tmp tmpfs rw 0 0\n"
    )

    [place] = places(mounts, "9:pids:/gone\n4:memory:/a\n")

    assert place == Hierarchy(1, (tmp_path / "pids", tmp_path / "memory/a"))


def test_version_2_is_tried_here_and_one_above(tmp_path: Path) -> None:
    (tmp_path / "unit/leaf").mkdir(parents=True)

    found = places(f"cgroup2 {tmp_path} cgroup2 rw 0 0\n", "0::/unit/leaf\n")

    assert found == [Hierarchy(2, (tmp_path / "unit/leaf",)), Hierarchy(2, (tmp_path / "unit",))]


def test_one_controller_is_not_enough(tmp_path: Path) -> None:
    assert places(f"cgroup {tmp_path} cgroup rw,pids 0 0\n", "9:pids:/\n") == []


def test_version_2_files(tmp_path: Path) -> None:
    """The files are those of a delegated group; a real one is not at hand on every machine."""
    (tmp_path / "cgroup.subtree_control").write_text("memory pids cpu\n")

    with pytest.raises(FileNotFoundError, match=r"pids\.max"):
        Group(Hierarchy(2, (tmp_path,)), Limits())

    assert [path.name for path in tmp_path.iterdir()] == ["cgroup.subtree_control"]


async def test_a_group_is_made_and_removed() -> None:
    place = find()
    if place is None:
        pytest.skip("no control group can be made here")

    group = Group(place, Limits(processes=7))

    assert all(folder.is_dir() for folder in group.folders)
    assert (group.folders[0] / "pids.max").read_text() == "7\n"
    assert await group.remove()
    assert not any(folder.exists() for folder in group.folders)


def test_groups_of_dead_processes_are_tidied(tmp_path: Path) -> None:
    (tmp_path / "foreman-999999999-ab").mkdir()
    (tmp_path / "foreman-1-ab").mkdir()
    (tmp_path / "foreman-other").mkdir()

    tidy(Hierarchy(1, (tmp_path,)))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["foreman-1-ab", "foreman-other"]
