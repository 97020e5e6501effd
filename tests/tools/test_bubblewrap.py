"""Attacks from inside the sandbox. Each succeeds when the defence against it is taken out."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.tools.sandbox_support import (
    alive,
    as_another_user,
    open_folder,
    require_bubblewrap,
    require_root,
    until,
    unused_seconds,
)
from tools.sandbox import furniture
from tools.sandbox.bubblewrap import ISOLATION, BubblewrapRunner, arguments
from tools.sandbox.probe import Sandbox, probe
from tools.sandbox.runner import Box, CommandResult, Limits

# With the floods of test_sandbox on one worker: they leave a neighbour no processes to start.
pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]
assert open_folder  # a fixture

Isolation = Sequence[Sequence[str]]


def without(*names: str) -> Isolation:
    return [flag for flag in ISOLATION if flag[0] not in names and flag[1:] != names]


async def run(
    sandbox: Sandbox, box: Box, command: str, isolation: Isolation = ISOLATION, **more: Any
) -> CommandResult:
    runner = BubblewrapRunner(
        box,
        toolchain=sandbox.toolchain,
        programs=sandbox.programs,
        hierarchy=sandbox.hierarchy,
        isolation=isolation,
    )
    return await runner.run(command, timeout_seconds=20, **more)


def started(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]}
    )


ROOT_S = ("--unshare-user", "--disable-userns", "--cap-drop", "--uid", "--gid")
MOUNT = "mkdir -p /tmp/m && mount -t tmpfs none /tmp/m && echo mounted"
CAPABILITIES = "grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status || echo capable"
NESTED = "unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none /tmp && echo nested'"
SESSION = '[ "$(cut -d" " -f6 /proc/self/stat)" = 0 ] && echo shared'


@pytest.mark.parametrize(
    ("attack", "success", "defence"),
    [
        pytest.param(CAPABILITIES, "capable\n", ROOT_S, id="capabilities"),
        pytest.param(MOUNT, "mounted\n", ROOT_S, id="mount"),
        pytest.param(NESTED, "nested\n", ("--disable-userns",), id="nested namespace"),
        pytest.param(SESSION, "shared\n", ("--new-session",), id="terminal session"),
    ],
)
async def test_flags_hold_and_would_be_missed(
    bubblewrap: Sandbox, work: Path, attack: str, success: str, defence: tuple[str, ...]
) -> None:
    if "--cap-drop" in defence:
        require_root()  # bubblewrap leaves nobody else any capability

    held = await run(bubblewrap, Box(work), attack)
    broken = await run(bubblewrap, Box(work), attack, without(*defence))

    assert held.stdout == ""
    assert broken.stdout == success, broken.stderr


async def test_root_s_sandbox_could_write_the_kernel_s_settings(
    bubblewrap: Sandbox, work: Path
) -> None:
    """The node's uid 0 owns /proc/sys with no capability at all; a value is written as it is."""
    require_root()
    attack = "v=$(cat /proc/sys/kernel/panic); echo $v > /proc/sys/kernel/panic && echo written"
    uncovered = BubblewrapRunner(
        Box(work),
        toolchain=bubblewrap.toolchain,
        programs=bubblewrap.programs,
        hierarchy=None,
        covered=(),
    )

    held = await run(bubblewrap, Box(work), attack)
    broken = await uncovered.run(attack, timeout_seconds=20)

    assert held.stdout == ""
    assert broken.stdout == "written\n"


async def test_nothing_of_proc_but_own_processes_is_writable(
    bubblewrap: Sandbox, work: Path
) -> None:
    find = "find /proc -path '/proc/[0-9]*' -prune -o -type f -writable -print"

    assert (await run(bubblewrap, Box(work), find)).stdout == ""


@pytest.mark.parametrize("attack", [CAPABILITIES, MOUNT, NESTED, SESSION])
def test_flags_hold_for_another_user(open_folder: Path, attack: str) -> None:
    require_bubblewrap()

    async def attempt() -> str:
        sandbox = await probe()
        assert sandbox.name == "bubblewrap", sandbox.problem
        (open_folder / "ws").mkdir()
        return (await run(sandbox, Box(open_folder / "ws"), attack)).stdout

    assert as_another_user(attempt) == ""


def direct(sandbox: Sandbox, box: Box, command: str, isolation: Isolation = ISOLATION) -> list[str]:
    """The bare command line of a sandbox, without the runner's other defences around it."""
    furniture.furnish(box)
    return arguments(
        box=box,
        toolchain=sandbox.toolchain,
        programs=sandbox.programs,
        command=command,
        network="none",
        environment={},
        status=2,  # standard error, which the command then does without
        isolation=isolation,
    )


def forks(sandbox: Sandbox, folder: Path) -> int:
    """How many processes a limit of 20 lets live, of 40 and some, without a control group."""
    count = "for i in $(seq 40); do sleep 1 & done 2>/dev/null; set -- /proc/[0-9]*; echo $#"
    argv = direct(sandbox, Box(folder, limits=Limits(processes=20)), count)
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={}, timeout=30)
    return int(done.stdout)


async def test_the_limit_on_processes_does_not_bind_root(bubblewrap: Sandbox, work: Path) -> None:
    """Why there is a control group, or a watcher, for root."""
    require_root()

    assert await asyncio.to_thread(forks, bubblewrap, work) > 40


def test_the_limit_on_processes_binds_others(open_folder: Path) -> None:
    require_bubblewrap()

    async def attempt() -> int:
        (open_folder / "ws").mkdir()
        return forks(await probe(), open_folder / "ws")

    assert 10 < as_another_user(attempt) <= 21


def test_another_user_s_fork_bomb_ends(open_folder: Path) -> None:
    require_bubblewrap()
    seconds = unused_seconds()

    async def attempt() -> bool:
        sandbox = await probe()
        (open_folder / "ws").mkdir()
        box = Box(open_folder / "ws", limits=Limits(processes=40))
        runner = sandbox.runner(box)
        bomb = f"b() {{ sleep {seconds} & b | b & }}; b; sleep {seconds}"
        return (await runner.run(bomb, timeout_seconds=1)).ok

    assert as_another_user(attempt) is False
    assert alive(seconds) == []


@pytest.mark.parametrize("defended", [True, False])
async def test_a_sandbox_dies_with_the_process_that_started_it(
    bubblewrap: Sandbox, work: Path, defended: bool
) -> None:
    seconds = unused_seconds()
    isolation = ISOLATION if defended else without("--die-with-parent")
    command = f"(setsid sleep {seconds} &); sleep {seconds}"
    argv = direct(bubblewrap, Box(work), command, isolation)
    outer = started(argv)
    assert await until(lambda: len(alive(seconds)) >= 2)

    outer.kill()
    outer.wait()

    if defended:
        assert await until(lambda: not alive(seconds), seconds=5)
    else:
        left = [pid for pid in alive(seconds) if pid != outer.pid]
        assert left
        for pid in left:
            os.kill(pid, 9)


async def test_the_starter_s_environment_would_show_if_it_were_passed(
    bubblewrap: Sandbox, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/proc/1/environ is bubblewrap's own, --clearenv or not; so it must start with none."""
    monkeypatch.setenv("GITHUB_TOKEN", "canary-environment")
    look = "tr '\\0' '\\n' < /proc/1/environ | grep canary"
    box = Box(work)
    argv = direct(bubblewrap, box, look)

    held = await run(bubblewrap, box, look)
    broken = await asyncio.to_thread(
        subprocess.run, argv, capture_output=True, text=True, timeout=30
    )

    assert held.stdout == ""
    assert "canary-environment" in broken.stdout


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param("echo x > /usr/evil", id="usr"),
        pytest.param("echo x > /etc/passwd", id="etc"),
        pytest.param("echo x > /evil || mkdir /evil2", id="root"),
        pytest.param("echo x > /dev/evil", id="dev"),
        pytest.param("echo 1 > /proc/sys/kernel/hostname", id="sysctl"),
        pytest.param("echo b > /proc/sysrq-trigger", id="sysrq"),
        pytest.param("mknod /tmp/disk b 8 0", id="device"),
        pytest.param("mount -o remount,rw,bind /usr", id="remount"),
        pytest.param("umount -l /workspace", id="unmount"),
        pytest.param("chroot / true", id="chroot"),
        pytest.param("nsenter -t 1 -a true", id="namespaces of the first process"),
        pytest.param("cat /etc/shadow /etc/ssh/ssh_host_rsa_key", id="keys"),
        pytest.param("ls /var /sys /boot /srv /mnt", id="other folders"),
        pytest.param("ls /etc/ssl/private", id="private keys"),
        pytest.param("ls /sys/fs/cgroup", id="control groups"),
        pytest.param("head -c 100M /dev/zero > /dev/shm/x", id="shared memory flood"),
        pytest.param("dmesg", id="kernel log"),
        pytest.param("sysctl -w kernel.panic=1 || date -s 2001-01-01", id="system"),
        pytest.param("setpriv --reuid 0 true || su -c true || sudo true", id="become root"),
        pytest.param("cat /proc/kcore > /dev/null || cat /dev/mem /dev/sda /dev/vda", id="memory"),
    ],
)
async def test_the_node_is_out_of_reach(bubblewrap: Sandbox, work: Path, attack: str) -> None:
    result = await run(bubblewrap, Box(work), f"{{ {attack}; }} >/dev/null 2>&1 && echo reached")

    assert result.stdout == ""
    assert result.exit_code != 0
    assert not Path("/usr/evil").exists()


async def test_the_first_process_has_no_way_out(bubblewrap: Sandbox, work: Path) -> None:
    result = await run(
        bubblewrap,
        Box(work),
        "ls -A /proc/1/root/ | sort; echo -; ls -A / | sort; echo -; "
        "readlink /proc/1/fd/* /proc/self/cwd",
    )

    of_first, own, links = (part.split() for part in result.stdout.split("-\n"))
    assert of_first in (own, [])
    assert all(
        link.startswith(("pipe:", "/dev/null", "anon_inode:", "/workspace")) for link in links
    )


async def test_only_harmless_devices_are_there(bubblewrap: Sandbox, work: Path) -> None:
    result = await run(bubblewrap, Box(work), "ls /dev")

    assert set(result.stdout.split()) <= {
        *("console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm"),
        *("stderr", "stdin", "stdout", "tty", "urandom", "zero"),
    }


async def test_the_harness_can_be_neither_seen_nor_signalled(
    bubblewrap: Sandbox, work: Path
) -> None:
    bystander = started(["sleep", unused_seconds()])
    try:
        result = await run(
            bubblewrap,
            Box(work),
            f"kill -9 {bystander.pid} {os.getpid()} {os.getppid()} -1; "
            "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
        )

        assert bystander.poll() is None
        assert "bin/pytest" not in result.stdout
        assert "sleep" not in result.stdout
    finally:
        bystander.kill()
        bystander.wait()


@pytest.fixture
def listeners(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Servers of the node that greet with `reached`, and how to connect to each from Python."""
    tcp, abstract, path = (
        socket.create_server(("127.0.0.1", 0)),
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_UNIX),
    )
    name = f"foreman-test-{os.getpid()}"
    abstract.bind(f"\0{name}")
    path.bind(str(tmp_path / "api.sock"))
    servers = [tcp, abstract, path]

    def serve(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"reached")

    threads = [threading.Thread(target=serve, args=(server,)) for server in servers]
    for server, thread in zip(servers, threads, strict=True):
        server.listen()
        thread.start()
    port = tcp.getsockname()[1]
    yield {
        "tcp": f"s.socket(s.AF_INET), ('127.0.0.1', {port})",
        "abstract": f"s.socket(s.AF_UNIX), '\\0{name}'",
        "path": f"s.socket(s.AF_UNIX), {str(tmp_path / 'api.sock')!r}",
    }
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.mark.parametrize(("kind", "by_host"), [("tcp", True), ("abstract", True), ("path", False)])
async def test_no_server_of_the_node_is_reached(
    bubblewrap: Sandbox, work: Path, listeners: dict[str, str], kind: str, by_host: bool
) -> None:
    """*by_host*: the network name space is the defence, and falls with network "host"."""
    (work / "c.py").write_text(
        f"import socket as s\nc, a = {listeners[kind]}\nc.settimeout(5)\nc.connect(a)\n"
        "print(c.recv(9).decode())\n"
    )

    held = await run(bubblewrap, Box(work), "python3 c.py")
    shared = await run(bubblewrap, Box(work), "python3 c.py", network="host")

    assert held.stdout == ""
    assert shared.stdout == ("reached\n" if by_host else ""), shared.stderr


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param("socket(AF_INET, SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53))", id="udp"),
        pytest.param("create_connection(('1.1.1.1', 443), 3)", id="tcp"),
        pytest.param("getaddrinfo('example.org', 443)", id="dns"),
        pytest.param("socket(AF_INET, SOCK_RAW, 1)", id="raw"),
        pytest.param("socket(AF_INET6, SOCK_DGRAM).sendto(b'x', ('2001:4860::1', 53))", id="ipv6"),
    ],
)
async def test_nothing_leaves(bubblewrap: Sandbox, work: Path, attempt: str) -> None:
    result = await run(
        bubblewrap, Box(work), f'python3 -c "from socket import *; {attempt}; print(1)"'
    )

    assert result.stdout == ""
    assert "error" in result.stderr.lower()


async def test_another_task_is_out_of_reach(
    bubblewrap: Sandbox, work: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "source.py").write_text("canary")
    seconds = unused_seconds()
    runner = bubblewrap.runner(Box(other))
    neighbour = asyncio.ensure_future(runner.run(f"sleep {seconds}", timeout_seconds=20))
    assert await until(lambda: bool(alive(seconds)))

    result = await run(
        bubblewrap,
        Box(work),
        f"cat {other}/source.py; ls /proc; pkill -9 sleep; kill -9 -1; ls {tmp_path}",
    )

    assert "canary" not in result.stdout
    assert alive(seconds)
    await runner.kill()
    await neighbour


async def test_status_cannot_be_forged(bubblewrap: Sandbox, work: Path) -> None:
    """A command writes what bubblewrap would report to every descriptor it can find."""
    forge = (
        "for f in /proc/*/fd/*; do case $(readlink $f) in pipe:*) "
        "echo '{\"exit-code\": 0}' > $f;; esac; done 2>/dev/null; exit 7"
    )

    result = await run(bubblewrap, Box(work), forge)

    assert result.exit_code == 7


async def test_a_sandbox_that_cannot_be_made_is_told_from_a_failing_command(
    bubblewrap: Sandbox, work: Path
) -> None:
    impostor = await run(bubblewrap, Box(work), "echo 'bwrap: no such thing' >&2; exit 1")
    broken = await run(bubblewrap, Box(work, objects=(work / "gone",)), "true")

    assert (impostor.exit_code, impostor.could_not_run) == (1, "")
    assert broken.exit_code is None
    assert "bwrap: Can't find source path" in broken.could_not_run


def test_a_runner_works_for_another_user(open_folder: Path) -> None:
    require_bubblewrap()

    async def attempt() -> list[str]:
        sandbox = await probe()
        (open_folder / "ws").mkdir()
        runner = sandbox.runner(Box(open_folder / "ws"))
        first = await runner.run("id -u; echo x > made; cat made", timeout_seconds=20)
        return [sandbox.name, first.stdout, first.stderr]

    assert as_another_user(attempt) == ["bubblewrap", "1000\nx\n", ""]
    assert (open_folder / "ws/made").read_text() == "x\n"
