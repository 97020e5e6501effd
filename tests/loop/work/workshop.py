"""A workshop for runs: a real repository, a real sandbox, a scripted model, a strict code host."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from k8s.scripted import ScriptedModel, scripted_model
from k8s.scripted_scenario import ScriptedRun
from loop.codehost import CodeHostError, PullRequestSeen, PullRequestWanted
from loop.openai_model import Sampling, connect
from loop.redaction import Redactor
from loop.repo.git import Git
from loop.repo.landing import Identity
from loop.repo.mirror import Mirrors
from loop.repo.workspace import Workspaces
from loop.snapshot import Snapshot
from loop.work.job import Job
from loop.work.means import Means, Repositories
from loop.work.persona import Persona
from tools.errors import ToolError
from tools.issues import IssueView, PullRequestView
from tools.sandbox.probe import Sandbox

FILES = {
    "add.py": "def add(a, b):\n    return a - b\n",
    "tests/__init__.py": "",
    "tests/test_add.py": (
        "import unittest\n\nfrom add import add\n\n\nclass Add(unittest.TestCase):\n"
        "    def test_zero(self):\n        self.assertEqual(add(1, 0), 1)\n"
    ),
    ".foreman/verify.yaml": "language: python\ncommands:\n  test: python3 -m unittest discover -q\n",
}
CODER = ("read_file", "write_file", "str_replace", "grep", "bash", "submit_result")
REVIEWER = ("read_file", "grep", "bash", "fetch_issue", "submit_result")


class Host:
    """A code host that knows one issue, keeps pull requests by head, and can be told to fail."""

    def __init__(self) -> None:
        self.opened: dict[str, PullRequestWanted] = {}
        self.down = ""

    async def issue(self, repository: str, number: int) -> IssueView:
        if (repository, number) != ("acme/sum", 1):
            raise ToolError(f"issue #{number}: not found")
        return IssueView(number=1, title="add subtracts", body="`add(1, 1)` must be 2 in `add.py`.")

    async def pull_request(self, repository: str, number: int) -> PullRequestView:
        return PullRequestView(number=number, title="Mend add", body="Makes add add.")

    async def ensure_pull_request(self, wanted: PullRequestWanted) -> PullRequestSeen:
        if self.down:
            raise CodeHostError(self.down)
        self.opened[wanted.head] = wanted
        return PullRequestSeen(7, "https://host/acme/sum/pull/7", wanted.draft, "", "")


@dataclass
class Keys:
    source: str = "test"
    pushes: int = 0

    async def read(self) -> str:
        return ""

    async def push(self) -> str:
        self.pushes += 1
        return ""


@dataclass
class Workshop:
    folder: Path
    bare: Path
    sandbox: Sandbox
    host: Host = field(default_factory=Host)
    keys: Keys = field(default_factory=Keys)
    phases: list[str] = field(default_factory=list)
    switches: dict[str, bool] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.bare), *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def branches(self) -> set[str]:
        return set(self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split())

    def job(self, **fields: Any) -> Job:
        directory = self.folder / "runs" / str(fields.get("task", "t"))
        directory.mkdir(parents=True, exist_ok=True)
        snapshot = Snapshot(
            repository="acme/sum",
            number=1,
            title="add subtracts",
            body="`add(1, 1)` must be 2 in `add.py`.",
        )
        job = Job(
            task="t",
            uid="uid-1",
            kind="issue-fix",
            directory=directory,
            repository="acme/sum",
            issue=1,
            branch="foreman/w/issue-1",
            snapshot=snapshot,
            open_pull_request=True,
        )
        return replace(job, **fields)

    @asynccontextmanager
    async def means(self, *replies: Mapping[str, Any]) -> AsyncIterator[Means]:
        """Everything a run works with; the model answers with *replies*, and only with them."""
        git = Git(self.folder / "git", allow_file=True)
        runs = [ScriptedRun.model_validate({"replies": list(replies)})]
        async with scripted_model(runs) as server, connect(server.base_url) as connection:
            yield Means(
                repositories=Repositories(
                    git=git,
                    mirrors=Mirrors(self.folder / "mirrors", git),
                    workspaces=Workspaces(git, self.folder / "trash"),
                    root_url=f"file://{self.bare.parents[1]}",
                ),
                sandbox=self.sandbox,
                tokens=self.keys,
                host=self.host,
                issues=self.host,
                author=Identity("Bot", "bot@example.com"),
                redactor=Redactor(),
                gate_switches=self.switches,
                now=lambda: datetime.now(UTC),
                on_progress=lambda _progress: None,
                on_phase=self._phase,
                model=connection.model(Sampling(model="scripted")),
            )
            self.problems += [str(problem) for problem in _problems(server)]

    async def _phase(self, phase: str) -> None:
        self.phases.append(phase)


def _problems(server: ScriptedModel) -> Sequence[object]:
    return server.problems


def persona(**fields: Any) -> Persona:
    defaults = Persona(
        name="coder", role="coder", system_prompt="work", tools=CODER, model_name="m", max_retries=0
    )
    return replace(defaults, **fields)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def turn(*calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"calls": list(calls), **more}


def go(summary: str = "add adds", **extra: Any) -> dict[str, Any]:
    return call(
        "submit_result", verdict="GO", summary=summary, commit_message="Make add add", extra=extra
    )


MEND = call("str_replace", path="add.py", old_string="a - b", new_string="a + b")
BREAK = call("str_replace", path="add.py", old_string="a - b", new_string="a * b")


def make_repository(folder: Path) -> Path:
    """A bare repository `acme/sum.git` with one commit on main."""
    tree, bare = folder / "tree", folder / "remotes" / "acme" / "sum.git"
    for name, text in FILES.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    bare.parent.mkdir(parents=True)
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tree, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git(*identity, "commit", "-q", "-m", "Start")
    git("clone", "-q", "--bare", ".", str(bare))
    return bare


def has_tree(transcript: Path) -> bool:
    """Whether the tree after the first turn is written down."""
    return transcript.exists() and '"turn":1,"tree"' in transcript.read_text()
