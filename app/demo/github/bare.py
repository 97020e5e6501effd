"""A bare git repository and what a forge asks of it. Every call is a `git` child process."""

from __future__ import annotations

import asyncio
import asyncio.subprocess
import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ZERO = "0" * 40
_SHA = re.compile(r"[0-9a-f]{40}")
# Nobody's configuration takes part: what the demo shows must not depend on whose machine it is.
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "PATH": os.environ.get("PATH", os.defpath),
}


class GitError(Exception):
    """A git command failed; the text is its standard error."""


async def git(
    *arguments: str, cwd: Path, stdin: bytes = b"", ok: tuple[int, ...] = (0,)
) -> tuple[int, bytes]:
    """Exit code and standard output. Raises `GitError` for exit codes outside *ok*."""
    process = await asyncio.create_subprocess_exec(
        "git",
        *arguments,
        cwd=cwd,
        env=ENVIRONMENT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin)
    code = process.returncode or 0
    if code not in ok:
        raise GitError(f"git {arguments[0]}: {err.decode(errors='replace').strip()}")
    return code, out


@dataclass(frozen=True)
class Signature:
    name: str
    email: str
    when: datetime

    def line(self) -> str:
        return f"{self.name} <{self.email}> {int(self.when.timestamp())} +0000"


@dataclass(frozen=True)
class CommitInfo:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True)
class TreeEntry:
    mode: str
    kind: str  # blob, tree or commit
    sha: str
    size: int
    path: str


Content = str | bytes | None  # None: delete


class BareRepository:
    def __init__(self, path: Path) -> None:
        self.path = path

    async def _git(self, *arguments: str, stdin: bytes = b"", ok: tuple[int, ...] = (0,)) -> bytes:
        return (await git(*arguments, cwd=self.path, stdin=stdin, ok=ok))[1]

    def create(self, *, default_branch: str, hooks: Path) -> None:
        """All that `git init --bare` does and git asks for, without a process."""
        for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (self.path / folder).mkdir(parents=True)
        (self.path / "HEAD").write_text(f"ref: refs/heads/{default_branch}\n")
        (self.path / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        self._configure(hooks)

    def _configure(self, hooks: Path) -> None:
        with (self.path / "config").open("a") as config:
            config.write(
                "[http]\n\treceivepack = true\n"
                # Access is decided before git runs; these refs are the forge's own.
                "[receive]\n\thideRefs = refs/pull\n\tadvertisePushOptions = true\n"
                "[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n"
                f'[core]\n\thooksPath = "{hooks}"\n\tlogAllRefUpdates = false\n'
                "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
            )

    async def clone_from(self, other: BareRepository, *, hooks: Path) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        await git(
            *("clone", "-q", "--bare", "--template=", str(other.path), str(self.path)),
            cwd=self.path.parent,
        )
        self._configure(hooks)

    async def refs(self, *prefixes: str) -> dict[str, str]:
        """Full ref names to object ids, sorted by name.

        Read from the files: this is asked several times for each push, and a process for each
        would be most of its cost.
        """
        found = await asyncio.to_thread(self._read_refs)
        return {n: found[n] for n in sorted(found) if n.startswith(prefixes or "refs/")}

    def _read_refs(self) -> dict[str, str]:
        packed, found = self.path / "packed-refs", {}
        if packed.exists():
            for line in packed.read_text().splitlines():
                if line[:1] not in ("#", "^"):
                    sha, _, name = line.partition(" ")
                    found[name] = sha
        for folder, _, names in os.walk(self.path / "refs"):
            for name in names:
                path = Path(folder, name)
                if path.suffix != ".lock":
                    # gone between the walk and now: git replaces and removes them at any time
                    with contextlib.suppress(FileNotFoundError):
                        found[path.relative_to(self.path).as_posix()] = path.read_text().strip()
        return found

    async def resolve(self, name: str) -> str | None:
        """The commit that *name* stands for; None where there is none. Branches win over tags."""
        if not name or name.startswith("-") or "\0" in name:
            return None
        if tip := await self.branch(name):
            return tip
        candidates = [f"refs/tags/{name}", name]
        if _SHA.fullmatch(name):
            candidates.reverse()  # nearly always a commit: one process instead of two
        for candidate in candidates:
            code, out = await git(
                *("rev-parse", "-q", "--verify", "--end-of-options", f"{candidate}^{{commit}}"),
                cwd=self.path,
                ok=(0, 1, 128),
            )
            if code == 0:
                return out.decode().strip()
        return None

    async def branch(self, name: str) -> str | None:
        return (await self.refs("refs/heads/")).get(f"refs/heads/{name}")

    async def update_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Set or (*new* all zeros) delete *ref*; refuses when it is not at *old*."""
        if new == ZERO:
            await self._git("update-ref", "-d", ref, *([old] if old else []))
        else:
            await self._git("update-ref", ref, new, *([old] if old else []))

    async def fetch(self, other: BareRepository, source: str, target: str) -> None:
        await self._git("fetch", "-q", "--no-tags", str(other.path), f"+{source}:{target}")

    async def commit_files(
        self,
        branch: str,
        files: Mapping[str, Content],
        *,
        message: str,
        author: Signature,
        parent: str | None,
        executable: frozenset[str] = frozenset(),
    ) -> str:
        """A commit on *branch* over *parent* (None: a root) with *files* changed; its id."""
        lines: list[bytes] = [f"commit refs/heads/{branch}\nmark :1\n".encode()]
        lines.append(f"author {author.line()}\ncommitter {author.line()}\n".encode())
        lines.append(_data(message.encode()))
        if parent:
            lines.append(f"from {parent}\n".encode())
        for path, content in files.items():
            if content is None:
                lines.append(f"D {_quoted(path)}\n".encode())
                continue
            mode = "100755" if path in executable else "100644"
            lines.append(f"M {mode} inline {_quoted(path)}\n".encode())
            lines.append(_data(content.encode() if isinstance(content, str) else content))
        stream = b"".join([*lines, b"get-mark :1\n", b"done\n"])
        out = await self._git("fast-import", "--quiet", "--force", "--done", stdin=stream)
        return out.decode().strip()

    async def commit_tree(
        self, tree: str, parents: tuple[str, ...], message: str, author: Signature
    ) -> str:
        head = [f"tree {tree}", *(f"parent {p}" for p in parents)]
        head += [f"author {author.line()}", f"committer {author.line()}", "", message]
        out = await self._git(
            "hash-object", "-t", "commit", "-w", "--stdin", stdin="\n".join(head).encode()
        )
        return out.decode().strip()

    async def log(self, *arguments: str, path: str = "") -> list[CommitInfo]:
        """Commits that `git log` names, newest first; those that touch *path*, if given."""
        if "\0" in path:
            return []
        out = await self._git(
            "--literal-pathspecs",
            *(
                "log",
                "-z",
                "--format=%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%at%x1f%cn%x1f%ce%x1f%ct%x1f%B",
            ),
            *arguments,
            "--",
            *([path] if path else []),
            ok=(0, 128) if path else (0,),
        )
        return [_commit(record) for record in out.decode(errors="replace").split("\0") if record]

    async def commit(self, sha: str) -> CommitInfo:
        return (await self.log("-1", sha))[0]

    async def merge_base(self, one: str, other: str) -> str | None:
        code, out = await git("merge-base", one, other, cwd=self.path, ok=(0, 1))
        return out.decode().strip() if code == 0 else None

    async def is_ancestor(self, old: str, new: str) -> bool:
        code, _ = await git("merge-base", "--is-ancestor", old, new, cwd=self.path, ok=(0, 1, 128))
        return code == 0

    async def count(self, revisions: str) -> int:
        return int(await self._git("rev-list", "--count", revisions))

    async def diff(self, old: str, new: str, *options: str) -> bytes:
        return await self._git("diff", "--no-color", "-M", "--full-index", *options, old, new, "--")

    async def diff_names(self, commit: CommitInfo) -> list[tuple[str, str]]:
        """Status letter and path of what *commit* changed against its first parent."""
        out = await self._git(
            *("diff-tree", "-r", "-z", "--root", "--no-commit-id", "--name-status", "-m"),
            *("--first-parent", commit.sha),
        )
        tokens = out.decode(errors="surrogateescape").split("\0")[:-1]
        return list(zip(tokens[::2], tokens[1::2], strict=True))

    async def merge_tree(self, base: str, head: str) -> str | None:
        """The tree that merging *head* into *base* gives; None where it conflicts."""
        code, out = await git("merge-tree", "--write-tree", base, head, cwd=self.path, ok=(0, 1))
        return out.decode().split("\n", 1)[0] if code == 0 else None

    async def entries(self, commit: str, path: str) -> list[TreeEntry]:
        """What stands at *path* (one entry), or in it where it ends with a slash or is empty."""
        if "\0" in path:
            return []
        # 128: a path that leaves the tree
        out = await self._git(
            *("--literal-pathspecs", "ls-tree", "-l", "-z", "--", commit),
            *([path] if path else []),
            ok=(0, 128),
        )
        entries = []
        for record in out.decode(errors="surrogateescape").split("\0"):
            if record:
                head, name = record.split("\t", 1)
                mode, kind, sha, size = head.split()
                entries.append(TreeEntry(mode, kind, sha, 0 if size == "-" else int(size), name))
        return entries

    async def blob(self, sha: str) -> bytes:
        return await self._git("cat-file", "blob", sha)


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _commit(record: str) -> CommitInfo:
    sha, tree, parents, an, ae, at, cn, ce, ct, message = record.split("\x1f", 9)
    return CommitInfo(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author=Signature(an, ae, datetime.fromtimestamp(int(at), UTC)),
        committer=Signature(cn, ce, datetime.fromtimestamp(int(ct), UTC)),
        message=message.strip("\n"),
    )
