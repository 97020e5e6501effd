"""What holds for every sandbox: results, limits, and the end of all that was started."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.sandbox_support import alive, until, unused_seconds
from tools.sandbox.probe import Sandbox
from tools.sandbox.runner import Box, CommandResult, Limits, Runner

# Floods: on one worker with test_bubblewrap, whose children need processes too.
pytestmark = pytest.mark.xdist_group("sandbox")

Make = Callable[..., Runner]


@pytest.fixture(params=["group", "watcher"])
def make(request: pytest.FixtureRequest, sandbox: Sandbox, work: Path) -> Make:
    """A runner whose limits are counted by a control group, or by the watcher."""
    if request.param == "group" and sandbox.hierarchy is None:
        pytest.skip("no control group can be made here")
    if request.param == "watcher":
        sandbox = dataclasses.replace(sandbox, hierarchy=None)

    def runner(**limits: int) -> Runner:
        return sandbox.runner(Box(work, limits=Limits(**limits)))

    return runner


async def run(runner: Runner, command: str, seconds: float = 30, **more: object) -> CommandResult:
    return await runner.run(command, timeout_seconds=seconds, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("command", "code"), [("true", 0), ("exit 3", 3), ("kill -9 $$", 137)])
async def test_exit_codes(make: Make, command: str, code: int) -> None:
    result = await run(make(), command)

    assert (result.exit_code, result.timed_out, result.could_not_run) == (code, False, "")
    assert result.ok == (code == 0)


async def test_exit_codes_are_right_each_time(sandbox: Sandbox, work: Path) -> None:
    """asyncio's own child watcher loses some on Python 3.11."""
    runner = sandbox.runner(Box(work))

    codes = [(await run(runner, f"exit {n % 7}")).exit_code for n in range(60)]

    assert codes == [n % 7 for n in range(60)]


async def test_programs_find_their_installation(sandbox: Sandbox, work: Path) -> None:
    """rustup's cargo asks for its toolchains by RUSTUP_HOME, as the home is another one here."""
    tools = dataclasses.replace(sandbox.toolchain, environment={"RUSTUP_HOME": "/opt/rustup"})
    runner = dataclasses.replace(sandbox, toolchain=tools).runner(Box(work))

    assert (await run(runner, "echo $RUSTUP_HOME")).stdout == "/opt/rustup\n"


async def test_a_second_work_tree_shares_the_scratch_folders(
    sandbox: Sandbox, work: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (work / "here").write_text("first\n")
    (other / "here").write_text("second\n")
    first = sandbox.runner(Box(work))
    second = first.beside(other)

    await run(first, "echo cached > $HOME/cache; echo kept > $TMPDIR/kept")
    seen = await run(second, "cat here $HOME/cache $TMPDIR/kept; echo x > new")

    assert seen.stdout == "second\ncached\nkept\n"
    assert (other / "new").exists()
    assert not (work / "new").exists()


async def test_the_environment_is_clean(
    sandbox: Sandbox, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "canary")

    result = await run(sandbox.runner(Box(work)), "env", environment={"EXTRA": "1"})

    names = {line.partition("=")[0] for line in result.stdout.splitlines()}
    assert names - {"FOREMAN_COMMAND", "RUSTUP_HOME"} == {
        *("PATH", "HOME", "USER", "LANG", "TMPDIR", "WORKSPACE_ROOT", "GIT_OPTIONAL_LOCKS"),
        *("EXTRA", "PWD", "SHLVL", "_"),
    }


async def test_home_and_tmp_outlive_a_command(sandbox: Sandbox, work: Path) -> None:
    runner = sandbox.runner(Box(work))

    await run(runner, 'echo kept > "$HOME/x"; echo kept > "$TMPDIR/y"')
    result = await run(runner, 'cat "$HOME/x" "$TMPDIR/y"')

    assert result.stdout == "kept\nkept\n"


async def test_a_background_child_does_not_hang_a_command(make: Make) -> None:
    seconds = unused_seconds()

    result = await run(make(), f"sleep {seconds} & echo done")

    assert result.stdout == "done\n"
    assert result.seconds < 5
    assert await until(lambda: not alive(seconds))


DAEMON = "(setsid sh -c 'sleep {0} & sleep {0} & wait' &) ; (nohup sleep {0} >/dev/null 2>&1 &)"


@pytest.mark.parametrize("end", ["echo done", "sleep {0}"], ids=["by itself", "by timeout"])
async def test_daemons_do_not_survive_a_command(make: Make, end: str) -> None:
    seconds = unused_seconds()

    await run(make(), f"{DAEMON}; {end}".format(seconds), 1)

    assert alive(seconds) == []


async def test_cancelling_kills_all(make: Make) -> None:
    seconds = unused_seconds()
    task = asyncio.ensure_future(run(make(), f"{DAEMON}; sleep {{0}}".format(seconds)))
    assert await until(lambda: len(alive(seconds)) >= 3)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert alive(seconds) == []


async def test_kill_ends_what_runs_and_the_runner_can_go_on(make: Make) -> None:
    seconds = unused_seconds()
    runner = make()
    task = asyncio.ensure_future(run(runner, f"{DAEMON}; sleep {{0}}".format(seconds)))
    assert await until(lambda: len(alive(seconds)) >= 3)

    await runner.kill()

    assert alive(seconds) == []
    assert not (await task).ok
    assert (await run(runner, "echo on")).stdout == "on\n"


async def test_parallel_commands_do_not_end_one_another(make: Make) -> None:
    runner = make()

    async with asyncio.TaskGroup() as tasks:
        slow = tasks.create_task(run(runner, "sleep 0.5; echo slow"))
        quick = [tasks.create_task(run(runner, "sleep 9 & echo quick")) for _ in range(3)]

    assert slow.result().stdout == "slow\n"
    assert {task.result().stdout for task in quick} == {"quick\n"}


async def test_a_fork_bomb_ends(make: Make) -> None:
    seconds = unused_seconds()
    bomb = f"bomb() {{ sleep {seconds} & bomb | bomb & }}; bomb; sleep {seconds}"

    result = await run(make(processes=64), bomb, 1)

    assert result.exit_code is None or not result.ok
    assert alive(seconds) == []


async def test_processes_are_limited_together(make: Make) -> None:
    result = await run(
        make(processes=30), "for i in $(seq 60); do sleep 0.7 & done; wait; echo all", 20
    )

    assert "processes: more than" in result.killed or "Resource temporarily" in result.stderr


async def test_memory_is_limited_together(make: Make) -> None:
    """Four processes, each within the limit of one."""
    hog = "python3 -c 'import time; x = bytearray(80 << 20); time.sleep(20)' &"

    result = await run(make(memory_bytes=200 << 20), f"{hog * 4} wait -n; echo one ended", 15)

    assert result.killed.startswith("memory: more than 200 MiB")
    assert result.seconds < 15


async def test_the_memory_of_one_process_is_limited(make: Make) -> None:
    result = await run(make(memory_bytes=100 << 20), "python3 -c 'x = bytearray(400 << 20)'")

    assert not result.ok


async def test_the_size_of_a_file_is_limited(make: Make, work: Path) -> None:
    result = await run(make(file_bytes=1 << 20), "head -c 8M /dev/zero > big; echo $?")

    assert (work / "big").stat().st_size == 1 << 20
    assert result.stdout == "153\n"


async def test_the_disk_is_limited(make: Make) -> None:
    flood = "i=0; while [ $i -lt 400 ]; do head -c 1M /dev/zero > f$i; i=$((i+1)); done; sleep 9"

    result = await run(make(disk_bytes=32 << 20), flood, 20)

    assert result.killed == "disk: more than 32 MiB"


async def test_an_output_flood_ends(make: Make) -> None:
    result = await run(make(output_bytes=1 << 20), "yes", 20)

    assert result.killed == "output: more than 1 MiB"
    assert len(result.stdout) < 20000


async def test_processor_time_is_limited(make: Make) -> None:
    result = await run(make(cpu_seconds=1), "while :; do :; done", 20)

    assert result.exit_code == 137
    assert result.seconds < 15


@pytest.fixture
def control(work: Path, tmp_path: Path) -> Box:
    """A workspace with its git directory outside, borrowing objects from a mirror."""

    def git(*words: str) -> str:
        alone = {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH": os.environ["PATH"],
        }
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        done = subprocess.run(
            ["git", *who, *words], capture_output=True, text=True, check=True, env=alone
        )
        return done.stdout.strip()

    mirror, control = tmp_path / "mirror", tmp_path / "ctl"
    git("init", "-q", str(mirror))
    (mirror / "a.txt").write_text("one\n")
    git("-C", str(mirror), "add", ".")
    git("-C", str(mirror), "commit", "-qm", "first")
    sha = git("-C", str(mirror), "rev-parse", "HEAD")
    git("init", "-q", "--bare", str(control))
    git("--git-dir", str(control), "config", "core.bare", "false")
    (control / "objects/info/alternates").write_text(f"{mirror}/.git/objects\n")
    git("--git-dir", str(control), "update-ref", "refs/heads/work", sha)
    git("--git-dir", str(control), "symbolic-ref", "HEAD", "refs/heads/work")
    git(f"--git-dir={control}", f"--work-tree={work}", "read-tree", "-u", "--reset", "HEAD")
    return Box(work, control=control, objects=(mirror / ".git/objects",))


async def test_git_can_be_looked_at(sandbox: Sandbox, control: Box) -> None:
    (control.workspace / "a.txt").write_text("two\n")

    result = await run(
        sandbox.runner(control), "git status --short; git log --format=%s; git diff | tail -2"
    )

    assert result.stdout == " M a.txt\nfirst\n-one\n+two\n", result.stderr
    assert not (control.workspace / ".git").exists()


@pytest.mark.parametrize(
    "command",
    [
        "git -c user.name=x -c user.email=x@y commit --allow-empty -qm evil",
        "git config core.fsmonitor 'touch /tmp/pwned'",
        "git update-ref refs/heads/work HEAD~0 && git branch evil",
        "mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit",
        "rm -rf .git; mkdir .git; echo evil > .git/config",
        "G=$(git rev-parse --git-dir); echo evil > $G/HEAD; echo evil >> $G/config",
        "git stash; git gc --prune=now",
    ],
)
async def test_git_s_own_directory_is_out_of_reach(
    sandbox: Sandbox, control: Box, command: str
) -> None:
    def state() -> dict[str, bytes]:
        assert control.control
        return {
            str(path): path.read_bytes()
            for folder in (control.control, *control.objects)
            for path in folder.rglob("*")
            if path.is_file()
        }

    before = state()

    await run(sandbox.runner(control), command)

    assert state() == before
    assert (await run(sandbox.runner(control), "git log --format=%s")).stdout == "first\n"


async def test_a_git_folder_in_the_way_is_an_error(sandbox: Sandbox, control: Box) -> None:
    (control.workspace / ".git").mkdir()

    result = await run(sandbox.runner(control), "git status")

    assert result.exit_code is None
    assert result.could_not_run.endswith(
        ".git: there already, so git's view has no place; remove it"
    )


@pytest.mark.parametrize("left", ["", "gitdir: {0}\n"])
async def test_what_a_killed_harness_left_is_no_hindrance(
    sandbox: Sandbox, control: Box, left: str
) -> None:
    (control.workspace / ".git").write_text(left.format(control.scratch_directory / "git"))

    assert (await run(sandbox.runner(control), "git log --format=%s")).stdout == "first\n"
    assert not (control.workspace / ".git").exists()


async def test_a_workspace_that_is_gone_is_an_error(sandbox: Sandbox, tmp_path: Path) -> None:
    result = await run(sandbox.runner(Box(tmp_path / "gone", scratch=tmp_path / "s")), "true")

    assert result.exit_code is None
    assert "No such file" in result.could_not_run


async def test_no_descriptor_and_no_group_is_left_behind(make: Make) -> None:
    runner = make()
    await run(runner, "true")
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(10):
        await run(runner, "sleep 9 & true")
    await runner.kill()

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    left = [
        p
        for top in ("pids", "memory")
        for p in Path("/sys/fs/cgroup", top).rglob(f"foreman-{os.getpid()}-*")
    ]
    assert left == []
