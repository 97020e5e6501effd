"""The command line: what it says when something is missing, and what it prints when all is there."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from app.cli.main import main
from app.cli.running import until_stopped
from k8s.client import UnixAccess, connect
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.errors import Unavailable
from k8s.meta import Meta
from k8s.resources.core import ConfigMap
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

COMMANDS = ["demo", "up", "serve", "control", "work", "api", "kubeconfig", "crds"]
COMMANDS += ["list", "show", "verdict", "logs", "cancel"]
COMMANDS += ["approve", "reject", "retry", "escalate"]


def run(*arguments: str, **environment: str) -> Result:
    clean = dict.fromkeys(
        ("FOREMAN_COMMIT_AUTHOR_EMAIL", "GITHUB_APP_ID", "GITHUB_WEBHOOK_SECRET"), ""
    )
    return CliRunner().invoke(main, list(arguments), env={**clean, **environment})


def test_help_lists_every_command_and_imports_none() -> None:
    code = "import sys; from app.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "heavy = {'aiohttp', 'kubernetes', 'openai', 'git', 'pydantic', 'rich'}\n"
    code += "print(sorted(heavy & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    done = run(name, "--help")

    assert done.exit_code == 0
    assert f"foreman {name}" in done.output or name == "up"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["list"], 1, "no embedded API is running here; start `foreman up`", id="list"),
        pytest.param(["show", "x"], 1, "no embedded API is running here", id="show"),
        pytest.param(["logs", "x"], 1, "no embedded API is running here", id="logs"),
        pytest.param(["cancel", "x"], 1, "no embedded API is running here", id="cancel"),
        pytest.param(["kubeconfig"], 1, "has run here yet", id="kubeconfig"),
        pytest.param(["work"], 2, "FOREMAN_COMMIT_AUTHOR_EMAIL", id="work"),
        pytest.param(["up"], 2, "FOREMAN_COMMIT_AUTHOR_EMAIL", id="up"),
        pytest.param(["serve"], 2, "GITHUB_WEBHOOK_SECRET: not set", id="serve"),
        pytest.param(["control"], 1, "no embedded API is running here", id="control"),
        pytest.param(["list", "unicorns"], 2, "unicorns", id="kind"),
        pytest.param(["levitate"], 2, "levitate", id="command"),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    done = run(*arguments, FOREMAN_DATA=str(tmp_path))

    assert done.exit_code == code
    assert told in done.output
    assert "Traceback" not in done.output


def test_a_broken_agents_file_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "foreman.toml"
    file.write_text("[agents.a]\nmodel = 'm'\n")

    done = run(
        "up",
        "--config",
        str(file),
        FOREMAN_DATA=str(tmp_path / "data"),
        FOREMAN_COMMIT_AUTHOR_EMAIL="a@b.c",
    )

    assert done.exit_code == 2
    assert "foreman.toml: agents.a.base_url" in done.output
    assert not (tmp_path / "data").exists()


AUTHOR = {"FOREMAN_COMMIT_AUTHOR_EMAIL": "a@b.c"}


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "told"),
    [
        pytest.param(
            ["serve"],
            {"GITHUB_WEBHOOK_SECRET": "s"},
            1,
            "no embedded API is running here; start `foreman up`",
            id="serve",
        ),
        pytest.param(["work"], AUTHOR, 1, "no embedded API is running here", id="work"),
        pytest.param(
            ["up"], {**AUTHOR, "GITHUB_APP_ID": "1"}, 2, "GITHUB_APP_PRIVATE_KEY: not set", id="key"
        ),
        pytest.param(
            ["up"],
            {**AUTHOR, "GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": "nonsense"},
            2,
            "GITHUB_APP_PRIVATE_KEY: neither PEM",
            id="bad key",
        ),
        pytest.param(
            ["control"],
            {"GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY_PATH": "/nope"},
            2,
            "GITHUB_APP_PRIVATE_KEY_PATH (/nope)",
            id="key file",
        ),
        pytest.param(
            ["up", "--config", "/nope.toml"], AUTHOR, 2, "/nope.toml: no such file", id="config"
        ),
        pytest.param(
            ["up"],
            {**AUTHOR, "FOREMAN_CONFIG": "/nope.toml"},
            2,
            "/nope.toml: no such file",
            id="config by name",
        ),
        pytest.param(["list"], {"LOG_LEVEL": "loud"}, 2, "Error: LOG_LEVEL: ", id="level"),
    ],
)
def test_nothing_starts_with_wrong_settings(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], code: int, told: str
) -> None:
    data = tmp_path / "data"

    done = run(*arguments, FOREMAN_DATA=str(data), **environment)

    assert (done.exit_code, "Traceback" in done.output) == (code, False)
    assert told in done.output
    assert not data.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["up", "--commit-author-email", "a@b.c", "--data"], id="up"),
        pytest.param(["api", "--data"], id="api"),
        pytest.param(["crds", "--write"], id="crds"),
    ],
)
def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").touch()

    done = run(*arguments, str(tmp_path / "file" / "x"))

    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert "Not a directory" in done.output


def test_a_demo_with_a_wrong_setting_is_one_sentence() -> None:
    done = run("demo", FOREMAN_SLOTS="many")

    assert (done.exit_code, type(done.exception)) == (2, SystemExit)
    assert "FOREMAN_SLOTS" in done.output


LOOKS = [["list"], ["show", "x"], ["logs", "x"], ["cancel", "x"]]
LOOKS += [["work", "--commit-author-email", "a@b.c"]]


@pytest.mark.parametrize("arguments", LOOKS, ids=lambda words: words[0])
def test_a_socket_that_a_killed_process_left_is_no_api(
    tmp_path: Path, arguments: list[str]
) -> None:
    directory = tmp_path / "api"
    directory.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(directory / "api.sock"))

    done = run(*arguments, FOREMAN_DATA=str(tmp_path))

    assert done.exit_code == 1
    assert "no embedded API is running here; start `foreman up`" in done.output
    assert [path.name for path in tmp_path.rglob("*")] == ["api", "api.sock"]


KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: a, user: {token: x}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(None, "no such file", id="absent"),
        pytest.param("{[", "expected", id="no yaml"),
        pytest.param("words", "kubeconfig", id="no mapping"),
        pytest.param("a: 1", "current-context", id="no kubeconfig"),
        pytest.param(KUBECONFIG, "no answer from the API", id="nobody there"),
    ],
)
@pytest.mark.parametrize("arguments", LOOKS, ids=lambda words: words[0])
def test_a_cluster_that_is_not_there_is_one_sentence(
    tmp_path: Path, arguments: list[str], text: str | None, told: str
) -> None:
    file = tmp_path / "kubeconfig"
    if text is not None:
        file.write_text(text)

    done = run(*arguments, "--kubeconfig", str(file), FOREMAN_DATA=str(tmp_path / "data"))

    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert told in done.output
    assert not (tmp_path / "data").exists()


async def _two_faults() -> None:
    async def out_of_reach() -> None:
        raise Unavailable(0, "Unavailable", "no answer")

    async with asyncio.TaskGroup() as group:
        group.create_task(out_of_reach())
        async with asyncio.TaskGroup() as inner:
            inner.create_task(out_of_reach())


def test_faults_of_several_parts_are_one_sentence() -> None:
    with pytest.raises(click.ClickException, match=r"^no answer$"):
        until_stopped(_two_faults())


async def _a_bug() -> None:
    async with asyncio.TaskGroup():
        raise ZeroDivisionError


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(ExceptionGroup):
        until_stopped(_a_bug())


def test_crds_are_printed_and_written(tmp_path: Path) -> None:
    printed = list(yaml.safe_load_all(run("crds").output))

    written = run("crds", "--write", str(tmp_path / "bases"))

    assert {d["kind"] for d in printed} == {"CustomResourceDefinition"}
    assert len(list((tmp_path / "bases").iterdir())) == len(printed)
    assert f"{len(printed)} files written" in written.output


@pytest.fixture(name="data")
async def _data(tmp_path: Path) -> AsyncIterator[Path]:
    """The data folder of a running API with one Workload, its task and a transcript."""
    async with (
        serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
    ):
        workload = Workload(metadata=Meta(name="w", namespace="default"), spec={"intent": "x"})
        made = await client.create(workload)
        meta = Meta(
            name="w-code-1",
            namespace="default",
            labels={"foreman.llmkube.dev/workload": "w"},
            owner_references=[made.owner_reference()],
        )
        payload = {"repo": "a/b", "issue": 1}
        await client.create(
            AgenticTask(metadata=meta, spec={"kind": "issue-fix", "payload": payload})
        )
        messages = [
            {"role": "user", "content": "hello"},
            {
                "role": "assistant",
                "content": "",
                "reasoning_content": "hmm",
                "tool_calls": [{"function": {"name": "bash", "arguments": "{}"}}],
            },
        ]
        kept = ConfigMap(
            metadata=Meta(name="foreman-transcript-w-code-1", namespace="default"),
            data={"transcript.json": json.dumps({"messages": messages}), "meta.json": "{}"},
        )
        await client.create(kept)
        yield tmp_path


async def invoke(data: Path, *arguments: str) -> Any:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli.main",
        *arguments,
        "--data",
        str(data),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await child.communicate()
    return child.returncode, out.decode()


async def test_list_show_logs_and_cancel(data: Path) -> None:
    code, table = await invoke(data, "list", "workloads")
    _, listed = await invoke(data, "list", "tasks", "-o", "json")
    _, page = await invoke(data, "show", "w")
    _, shown = await invoke(data, "show", "w-code-1", "-o", "yaml")
    _, talk = await invoke(data, "logs", "w-code-1")
    missing = await invoke(data, "show", "nobody")
    _, ordered = await invoke(data, "cancel", "w", "--reason", "enough")
    _, after = await invoke(data, "show", "w", "-o", "json")

    assert code == 0
    assert table.split()[:2] == ["NAME", "PHASE"]
    assert [t["metadata"]["name"] for t in json.loads(listed)] == ["w-code-1"]
    assert "w-code-1" in page
    assert yaml.safe_load(shown)["spec"]["payload"]["repo"] == "a/b"
    assert "hello" in talk
    assert "→ bash {}" in talk
    assert missing[0] == 1
    assert "nobody: no Workload or task of that name" in missing[1]
    assert "cancellation ordered" in ordered
    assert json.loads(after)["spec"]["cancellation"]["reason"] == "enough"
