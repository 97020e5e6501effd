"""The one way the harness runs git on what it does not trust.

The repository, its work tree and the remote are hostile. So git gets an environment made from
nothing, no configuration but ours, no hook, filter, helper or protocol that somebody else names,
and a home of its own. A token goes to git's askpass through a pipe that only this child inherits:
never into an argument, the environment, a URL or a file.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import structlog

from loop.repo.errors import GitError, RemoteError
from loop.repo.faults import last_lines, remote_fault
from loop.repo.process import run_process
from loop.repo.remote import Remote

log = structlog.get_logger(__name__)

NOTHING: Mapping[str, str] = MappingProxyType({})
LOCAL_SECONDS = 120.0
REMOTE_SECONDS = 900.0
OUTPUT_BYTES = 64 * 2**20

# `read` takes one line, so a second question of the same git finds the next copy. The prompt names
# whom git asks for: after a redirect that is another host, which gets nothing.
# /dev/fd because dash knows no descriptors above 9.
_ASKPASS = """#!/bin/sh
case "$1" in
Password*"'$FOREMAN_TOKEN_FOR'"*)
    IFS= read -r token <"/dev/fd/$FOREMAN_TOKEN_FD" && printf '%s\\n' "$token" ;;
*) exit 1 ;;
esac
"""
_ASKED_AT_MOST = 4

_SETTINGS = (
    "advice.detachedHead=false",
    "core.askPass=",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.excludesFile=/dev/null",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "core.sshCommand=false",
    "core.symlinks=true",
    "credential.helper=",
    "diff.external=",
    "diff.ignoreSubmodules=all",
    "fetch.recurseSubmodules=false",
    "fetch.unpackLimit=1",  # packs appear whole or not at all; loose objects would not
    "gc.auto=0",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "maintenance.auto=false",
    "protocol.allow=never",
    "protocol.http.allow=always",
    "protocol.https.allow=always",
    "push.recurseSubmodules=no",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "uploadpack.packObjectsHook=",
)


@dataclass(frozen=True)
class Output:
    """What git answered; *exit_code* is one that the caller said it accepts."""

    exit_code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """Stdout as text without its last newline; names that are no UTF-8 survive a round trip."""
        return self.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


@dataclass(frozen=True)
class Where:
    """What a command works on. *index* None is the repository's own."""

    repository: Path
    work_tree: Path | None = None
    index: Path | None = None


class Git:
    """Runs git in *home*, a directory of ours that is made and kept empty but for the askpass.

    *environment* is the operator's own, for proxies and certificates. *allow_file* takes local
    paths as remotes: for tests. *pauses* are the seconds before a remote that did not answer is
    asked again.
    """

    def __init__(
        self,
        home: Path,
        *,
        allow_file: bool = False,
        environment: Mapping[str, str] = NOTHING,
        pauses: Sequence[float] = (),
    ) -> None:
        self.pauses = tuple(pauses)
        self._home = home.absolute()
        self._allow_file = allow_file
        self._environment = environment
        self._settings = tuple(
            word
            for setting in (
                *_SETTINGS,
                f"protocol.file.allow={'always' if allow_file else 'never'}",
            )
            for word in ("-c", setting)
        )

    async def run(
        self,
        *arguments: str,
        where: Where | None = None,
        remote: Remote | None = None,
        stdin: bytes = b"",
        accept: Collection[int] = (0,),
        environment: Mapping[str, str] = NOTHING,
        timeout_seconds: float | None = None,
        output_limit: int = OUTPUT_BYTES,
    ) -> Output:
        """Run one git command; raises GitError unless its exit code is one of *accept*.

        *remote* lends its token to this one process; what only reads there is tried again while
        there is no answer. *environment* is for identities and dates.
        """
        reads = remote is not None and arguments[0] != "push"
        for seconds in (*(self.pauses if reads else ()), None):
            try:
                return await self._run(
                    *arguments,
                    where=where,
                    remote=remote,
                    stdin=stdin,
                    accept=accept,
                    environment=environment,
                    timeout_seconds=timeout_seconds,
                    output_limit=output_limit,
                )
            except GitError as exc:
                away = exc.exit_code is not None and remote_fault(exc.detail) == "unreachable"
                if seconds is None or not away:
                    raise
                log.warning("git.remote_away", error=exc.detail, again_in_seconds=seconds)
            await asyncio.sleep(seconds)
        raise AssertionError("the last attempt returns or raises")

    async def _run(
        self,
        *arguments: str,
        where: Where | None,
        remote: Remote | None,
        stdin: bytes,
        accept: Collection[int],
        environment: Mapping[str, str],
        timeout_seconds: float | None,
        output_limit: int,
    ) -> Output:
        if remote is not None and remote.url.startswith("file:") and not self._allow_file:
            raise RemoteError(f"{remote.url}: local remotes are off; give an https:// URL")
        seconds = timeout_seconds or (LOCAL_SECONDS if remote is None else REMOTE_SECONDS)
        token = remote.token if remote is not None else ""
        with self._token(remote) as (fds, token_environment):
            ended = await run_process(
                [self._executable(), *self._options(where), *arguments],
                environment={**self.environment(where), **environment, **token_environment},
                directory=self._home,
                stdin=stdin,
                pass_fds=fds,
                timeout_seconds=seconds,
                output_limit=output_limit,
            )
        said = ended.stderr.decode("utf-8", "replace")
        if ended.killed or ended.exit_code not in accept:
            detail = last_lines(said, secrets=(token,))
            ending = {
                "": f"exit code {ended.exit_code}",
                "time": f"killed after {seconds:g} s",
                "output": f"killed after {output_limit} bytes of output",
            }[ended.killed]
            raise GitError(
                f"git {arguments[0]}: {ending}{': ' if detail else ''}{detail}",
                detail=detail,
                exit_code=None if ended.killed else ended.exit_code,
            )
        return Output(ended.exit_code, ended.stdout, said)

    async def text(self, *arguments: str, where: Where | None = None) -> str:
        """Stdout of a command that must succeed."""
        return (await self.run(*arguments, where=where)).text

    def environment(self, where: Where | None = None) -> dict[str, str]:
        """All that a git of ours sees of the world."""
        return {
            **self._environment,
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "LC_ALL": "C",
            "TZ": "UTC",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": os.path.realpath(self._home.parent),
            "GIT_ALLOW_PROTOCOL": "http:https:file" if self._allow_file else "http:https",
            "GIT_PROTOCOL_FROM_USER": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_EDITOR": "false",
            "GIT_ASKPASS": "false",
            **({"GIT_INDEX_FILE": str(where.index)} if where and where.index else {}),
        }

    @property
    def settings(self) -> tuple[str, ...]:
        """`-c name=value …`, as every command gets them."""
        return self._settings

    def _executable(self) -> str:
        found = shutil.which("git")
        if found is None:
            raise GitError("git: not found on PATH; install git 2.38 or newer")
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return found

    def _options(self, where: Where | None) -> list[str]:
        options = ["--no-pager", *self._settings]
        if where is not None:
            # Without one of its own, a command that looks for a work tree finds our empty home.
            options += [
                f"--git-dir={where.repository}",
                f"--work-tree={where.work_tree or self._home}",
            ]
        return options

    @contextmanager
    def _token(self, remote: Remote | None) -> Iterator[tuple[tuple[int, ...], Mapping[str, str]]]:
        """The read end of a pipe that holds the token, and how askpass finds it."""
        if remote is None or not remote.token:
            yield (), NOTHING
            return
        if not remote.token.isprintable() or " " in remote.token:
            raise RemoteError(f"{remote.url}: the token has white space or control characters")
        reader, writer = os.pipe()
        try:
            try:
                os.write(writer, f"{remote.token}\n".encode() * _ASKED_AT_MOST)
            finally:
                os.close(writer)
            yield (
                (reader,),
                {
                    "GIT_ASKPASS": str(self._askpass()),
                    "FOREMAN_TOKEN_FD": str(reader),
                    "FOREMAN_TOKEN_FOR": remote.origin,
                },
            )
        finally:
            os.close(reader)

    def _askpass(self) -> Path:
        path = self._home / "askpass"
        if not path.exists() or path.read_text() != _ASKPASS:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_name(f".askpass-{os.getpid()}")
            fresh.write_text(_ASKPASS)
            fresh.chmod(0o500)
            fresh.replace(path)
        return path
