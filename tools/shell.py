"""`bash`: a shell command in the workspace, in whatever sandbox this node has."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from tools import looks
from tools.errors import ToolError
from tools.files import is_binary, lines_of
from tools.jail import DIGESTED, Jail
from tools.kept_diffs import KeptDiffs
from tools.parameters import Parameters, parse, schema
from tools.patches import Pages
from tools.sandbox.egress import Egress
from tools.sandbox.runner import Network, Runner
from tools.tool import ToolResult

_TOLD = 5  # targets that the proxy refused

# `cd` as a function: leaving the workspace ends the command, since what follows was meant for
# another place. A convenience for models that lose their way, not a wall: the sandbox is the wall.
_GUARD = (
    'cd() { command cd -P "$@" || return; case "$PWD/" in '
    '"$FOREMAN_ROOT"/*|"${TMPDIR:-/-}"/*|"${HOME:-/-}"/*) ;; '
    '*) echo "cd: $PWD is outside the workspace; commands start in $WORKSPACE_ROOT" >&2; exit 1;; '
    "esac; }; FOREMAN_ROOT=$PWD\n"
)

_DESCRIPTION = (
    "Run a shell command in the workspace; each starts there anew, {reach}. A failing exit "
    "code is an answer, not an error. Of long output, head and tail are kept."
)


def _reach(network: Network) -> str:
    if isinstance(network, Egress):
        names = ", ".join(str(host) for host in network.hosts)
        return f"with no network but TLS through the proxy of its environment to {names}"
    return "with the network of this machine" if network == "host" else "without network"


class BashArguments(Parameters):
    command: Annotated[str, Field(min_length=1, description="A command line for the shell")]


class Bash:
    name = "bash"
    parameters = schema(BashArguments)
    read_only = False

    def __init__(
        self,
        runner: Runner,
        jail: Jail,
        *,
        timeout_seconds: float,
        network: Network = "none",
        revisions: looks.Revisions | None = None,
    ) -> None:
        self._runner = runner
        self._jail = jail
        self._revisions = revisions
        self._pages = Pages()
        self._kept = KeptDiffs()
        self._timeout_seconds = timeout_seconds
        self._network = network
        self.description = _DESCRIPTION.format(reach=_reach(network))

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        command = parse(BashArguments, arguments).command
        if "\0" in command:
            raise ToolError("command: holds a NUL character; leave it out")
        result = await self._runner.run(
            _GUARD + command, timeout_seconds=self._timeout_seconds, network=self._network
        )
        if result.could_not_run:
            raise ToolError(f"command could not run; {result.could_not_run}")
        output: dict[str, Any] = {
            "command": command,
            "exit_code": result.exit_code,
            "stdout": result.stdout,
            "stderr": result.stderr,
            "timed_out": result.timed_out,
        }
        if result.timed_out:
            output["notice"] = f"killed after {self._timeout_seconds:g} s, with all it started"
        elif result.killed:
            output["notice"] = f"killed by a limit, {result.killed}"
        if refused := [str(visit) for visit in result.visits if not visit.allowed]:
            output["network_refused"] = refused[:_TOLD]
        seen = looks.shown(
            self._kept.rewritten(command),
            result.stdout,
            workspace=self._runner.workspace,
            lines_of=self._line_count,
            revisions=self._revisions,
            pages=self._pages,
        )
        return ToolResult(output, shown=seen)

    def _line_count(self, path: str) -> int | None:
        try:
            content = self._jail.read(path, most=DIGESTED)
        except ToolError:
            return None
        if is_binary(content.data) or content.altered:
            return None
        return len(lines_of(content.data))
