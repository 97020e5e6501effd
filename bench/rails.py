"""Rails and static checks on a change of 200 files: what they add to a review.

A repository of 2,000 files in six languages, a fifth of them tests; 200 are edited, added, moved or
removed, and the issue names some. Counted is what the harness does beside the repository's own
commands: gather the record from git and judge it, gather the change and ask every static check.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.table import Table

from loop.evidence import Record
from loop.gates.change import gather_change
from loop.gates.check import ask
from loop.gates.checks.order import CHECKS
from loop.gates.facts import gather
from loop.gates.profile import resolve
from loop.rails.order import RAILS, reconcile
from loop.repo.git import Git
from loop.repo.history import History
from loop.repo.mirror import Mirrors
from loop.repo.refs import head
from loop.repo.remote import Remote
from loop.repo.workspace import Start, Workspace, Workspaces
from loop.snapshot import Snapshot
from loop.task import CallRecord, Ending
from loop.work.gathering import gather_record
from loop.work.job import Job
from tools.result import Extra, Finding, Severity
from tools.submit import Submission
from tools.tool import Shown

FILES, CHANGED, LIMIT_SECONDS = 2000, 200, 2.0
BODY = "\n".join(
    f"`part{n}/mod{n}.py` and part{n} are slow, see `load_{n}(path)`: {'words ' * 40}"
    for n in range(60)
)
ISSUE = Snapshot(repository="o/r", number=1, title="Make it fast", body=BODY)
PYTHON = '''"""Part {n}."""

from part{m}.mod{m} import load_{m}

LIMIT = {v}


def load_{n}(path: str) -> list[int]:
    """The numbers of *path*, as in {m}."""
    found = [int(line) for line in open(path) if line.strip()]
    return found[:LIMIT] or load_{m}(path)
'''
PYTHON_TEST = """from part{n}.mod{n} import load_{n}


def test_load_{n}(tmp_path):
    path = tmp_path / "x"
    path.write_text("{v}")
    assert load_{n}(str(path)) == [{v}]
"""
SCRIPT = """import {{ load{m} }} from "./mod{m}";

export function load{n}(path: string): number[] {{
  return path.length > {v} ? [{v}] : load{m}(path);
}}
"""
GO = """package part{n}

// Load{n} is load {v}.
func Load{n}(path string) int {{
\tif path == "" {{
\t\treturn {v}
\t}}
\treturn len(path)
}}
"""
RUST = "pub fn load_{n}(path: &str) -> usize {{\n    path.len() + {v}\n}}\n"
JAVA = "package part{n};\n\nclass Mod{n} {{\n  int load(String path) {{ return path.length() + {v}; }}\n}}\n"
CPP = "int load_{n}(const char* path) {{ return path ? {v} : 0; }}\n"
DOCS = "# Part {n}\n\nLoads {v} numbers. Example:\n\n```yaml\nlimit: {v}\n```\n"
KINDS = (
    ("part{n}/mod{n}.py", PYTHON),
    ("tests/test_mod{n}.py", PYTHON_TEST),
    ("web/mod{n}.ts", SCRIPT),
    ("web/mod{n}.test.ts", SCRIPT),
    ("part{n}/mod{n}.go", GO),
    ("crate/src/mod{n}.rs", RUST),
    ("java/part{n}/Mod{n}.java", JAVA),
    ("cpp/mod{n}.cc", CPP),
    ("docs/part{n}.md", DOCS),
    ("part{n}/more{n}.py", PYTHON),
)


@dataclass
class Clock:
    """Seconds, and those of this process's processor, by what they were spent on."""

    spent: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        started, busy = time.perf_counter(), time.process_time()
        yield
        self.spent[name] = (time.perf_counter() - started, time.process_time() - busy)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = await _measure(Path(folder))
    table = Table(title=f"A change of {CHANGED} files in a repository of {FILES}, milliseconds")
    table.add_column("step")
    table.add_column("time", justify="right")
    table.add_column("processor", justify="right")
    for name, figures in clock.spent.items():
        table.add_row(name, *(f"{1000 * seconds:.0f}" for seconds in figures))
    together = map(sum, zip(*clock.spent.values(), strict=True))
    table.add_row("together", *(f"{1000 * seconds:.0f}" for seconds in together), style="bold")
    Console().print(table)
    print(f"to reach: less than {LIMIT_SECONDS:g} s together, on a machine that does nothing else")


async def _measure(place: Path) -> Clock:
    git = Git(place / "home", allow_file=True)
    await _make(git, place / "remote.git")
    remote = Remote(f"file://{place / 'remote.git'}")
    mirror = Mirrors(place / "mirrors", git).of(remote)
    tips = await mirror.refresh(remote, [head("main"), head("work")])
    work, base = tips[head("work")], tips[head("main")]
    workspaces = Workspaces(git, place / "trash")
    workspace = await workspaces.create(place / "run", mirror, Start("work", work, "main", base))
    clock = Clock()
    record = await _rails(clock, git, workspace)
    await _checks(clock, git, workspace)
    assert record.files is not None
    assert len(record.files) >= CHANGED, len(record.files)
    return clock


async def _rails(clock: Clock, git: Git, workspace: Workspace) -> Record:
    job = Job("t", "uid", "review", workspace.path.parent, "o/r", 1, "work", snapshot=ISSUE)
    with clock.on("gather the record"):
        record = await gather_record(
            job, workspace, _ending(), git=git, issues=None, redact=lambda value: value
        )
    with clock.on(f"{len(RAILS)} rails"):
        found = reconcile(record)
    assert len(found.rulings) == len(RAILS)
    return record


async def _checks(clock: Clock, git: Git, workspace: Workspace) -> None:
    history = History(git, workspace.control)
    profile = resolve(await gather(history, workspace.start.base_sha))
    with clock.on("gather the change"):
        change = await gather_change(git, workspace, profile=profile, issue=ISSUE)
    for check in CHECKS:
        with clock.on(f"check {check.name}"):
            ask(change, [check])


def _ending() -> Ending:
    """A reviewer who read most of it and found twenty things."""
    shown = tuple(Shown(path.format(n=n), 1, 40) for n in range(CHANGED) for path, _ in KINDS)
    severities: tuple[Severity, ...] = get_args(Severity)
    findings = [
        Finding(
            severity=severities[n % 3], area="tests", message="m", file=f"part{n}/mod{n}.py", line=5
        )
        for n in range(20)
    ]
    extra = Extra(findings=findings, issue_ask="Make it fast", files_touched=["a.py"])
    return Ending(
        verdict="NO-GO",
        outcome="MODEL-DECIDED",
        reason="",
        summary="Not yet.",
        submission=Submission(verdict="NO-GO", summary="Not yet.", extra=extra),
        calls=(CallRecord(1, "bash", succeeded=True, shown=shown),),
    )


async def _make(git: Git, bare: Path) -> None:
    """`main`, and `work` on top of it."""
    await git.run("init", "-q", "--bare", "-b", "main", "--", str(bare))
    places = [(number // len(KINDS), *KINDS[number % len(KINDS)]) for number in range(FILES)]
    stream = bytearray(_commit("main", 1))
    for n, path, text in places:
        stream += _file(path.format(n=n), text.format(n=n, m=n + 1, v=1))
    stream += _commit("work", 2, source="main")
    for n, path, text in places[:CHANGED]:
        name, fresh = path.format(n=n), text.format(n=n, m=n + 2, v=2)
        if n == 3:
            stream += b"D %s\n" % name.encode()
        else:
            stream += _file(f"new/{name}" if n == 4 else name, fresh + fresh if n == 5 else fresh)
    command = ["git", f"--git-dir={bare}", "fast-import", "--quiet"]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
    await process.communicate(bytes(stream))


def _commit(branch: str, second: int, *, source: str = "") -> bytes:
    start = f"from refs/heads/{source}\n" if source else ""
    told = f"committer A <a@example.org> {10**9 + second} +0000\ndata 1\nx\n{start}"
    return f"commit refs/heads/{branch}\n{told}".encode()


def _file(path: str, text: str) -> bytes:
    content = text.encode()
    return b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)


if __name__ == "__main__":
    asyncio.run(main())
