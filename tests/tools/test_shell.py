from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.errors import ToolError
from tools.jail import Jail
from tools.sandbox.egress import Egress, parse
from tools.sandbox.probe import Sandbox
from tools.sandbox.runner import Box, Network, Runner
from tools.shell import Bash
from tools.tool import Shown


@pytest.fixture
def runner(sandbox: Sandbox, work: Path) -> Runner:
    return sandbox.runner(Box(work))


@pytest.fixture
def bash(runner: Runner, work: Path) -> Bash:
    return Bash(runner, Jail(work, seen_as=runner.workspace), timeout_seconds=20)


async def ran(bash: Bash, command: str) -> dict[str, Any]:
    output = (await bash.call({"command": command})).output
    assert isinstance(output, dict)
    return output


async def test_the_exit_code_is_data(bash: Bash) -> None:
    assert await ran(bash, "echo out; echo err >&2; exit 3") == {
        "command": "echo out; echo err >&2; exit 3",
        "exit_code": 3,
        "stdout": "out\n",
        "stderr": "err\n",
        "timed_out": False,
    }


async def test_commands_start_in_the_workspace(bash: Bash, runner: Runner) -> None:
    assert (await ran(bash, "pwd; echo $WORKSPACE_ROOT"))["stdout"] == f"{runner.workspace}\n" * 2


@pytest.mark.parametrize(
    "command",
    [
        "cd / && echo on",
        "cd /; echo on",
        "cd ../..; echo on",
        "cd link; echo on",
        "cd -P /usr; echo on",
    ],
)
async def test_leaving_the_workspace_ends_the_command(bash: Bash, work: Path, command: str) -> None:
    (work / "link").symlink_to("/usr")

    output = await ran(bash, command)

    assert (output["exit_code"], output["stdout"]) == (1, "")
    assert "outside the workspace; commands start in" in output["stderr"]


@pytest.mark.parametrize(
    "folder", ["sub", "$WORKSPACE_ROOT/sub", ".", '"$TMPDIR"', "", "sub/..", "-"]
)
async def test_going_elsewhere_inside_is_free(bash: Bash, work: Path, folder: str) -> None:
    (work / "sub").mkdir()

    assert "on\n" in (await ran(bash, f"cd sub; cd ..; cd {folder} && echo on"))["stdout"]


async def test_a_folder_that_is_not_there_is_an_ordinary_failure(bash: Bash) -> None:
    output = await ran(bash, "cd gone || echo on")

    assert output["stdout"] == "on\n"


async def test_long_output_keeps_head_and_tail(bash: Bash) -> None:
    output = await ran(bash, "seq 1 20000")

    lines = output["stdout"].splitlines()
    assert (lines[0], lines[-1]) == ("1", "20000")
    assert sum("bytes cut here" in line for line in lines) == 1
    assert len(output["stdout"]) <= 16384 + 40


async def test_time_is_limited_and_told(runner: Runner, jail: Jail) -> None:
    bash = Bash(runner, jail, timeout_seconds=0.3)

    output = await ran(bash, "echo begun; sleep 60")

    assert (output["exit_code"], output["timed_out"], output["stdout"]) == (None, True, "begun\n")
    assert output["notice"] == "killed after 0.3 s, with all it started"


async def test_what_cat_shows_is_reported(bash: Bash, work: Path) -> None:
    (work / "a.py").write_text("one\ntwo\n")

    result = await bash.call({"command": "cat a.py"})

    assert result.shown == (Shown("a.py", 1, 2),)


@pytest.mark.parametrize("command", ["", None, "echo \0"])
async def test_what_is_no_command_is_refused(bash: Bash, command: Any) -> None:
    with pytest.raises(ToolError, match="command: "):
        await bash.call({"command": command})


async def test_heredocs_and_many_lines_work(bash: Bash) -> None:
    output = await ran(bash, "cat <<'END'\na $x\nEND\nfor i in 1 2; do\n echo $i\ndone")

    assert output["stdout"] == "a $x\n1\n2\n"


@pytest.mark.parametrize(
    ("network", "told"),
    [
        pytest.param("none", "without network", id="none"),
        pytest.param("host", "with the network of this machine", id="host"),
        pytest.param(
            Egress(parse(["pkg.example", "*.corp.example:8443"], operator=True)),
            "no network but TLS through the proxy of its environment to pkg.example, "
            "*.corp.example:8443",
            id="hosts",
        ),
    ],
)
async def test_the_network_of_commands_is_told(
    plain: Sandbox, jail: Jail, work: Path, network: Network, told: str
) -> None:
    bash = Bash(plain.runner(Box(work)), jail, timeout_seconds=5, network=network)

    assert told in bash.description


async def test_refused_hosts_are_told(plain: Sandbox, jail: Jail, work: Path) -> None:
    egress = Egress(parse(["pkg.example"], operator=True))
    bash = Bash(plain.runner(Box(work)), jail, timeout_seconds=20, network=egress)

    output = await ran(bash, "curl -s https://evil.example/")

    assert output["network_refused"] == ["evil.example:443: not among the allowed hosts"]
