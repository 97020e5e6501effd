"""Which tools there are, which a role has, and the registry of one run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from tools.edit import StrReplace
from tools.errors import RegistryError
from tools.files import ReadFile, WriteFile
from tools.hand_in import SubmitResult
from tools.issues import IssueSource
from tools.jail import Jail
from tools.looks import Revisions
from tools.reading import FetchIssue, FetchPullRequest
from tools.sandbox.runner import Network, Runner
from tools.search import Grep
from tools.shell import Bash
from tools.submit import Role
from tools.tool import Registry, Tool

# every name an Agent may list; those that `build` does not make come from above it
NATIVE = (
    *("read_file", "write_file", "str_replace", "grep", "bash", "fetch_issue"),
    *("fetch_pull_request", "run_gate_job", "run_integrate", "run_reconcile", "submit_result"),
)
ROLE_TOOLS: Mapping[str, tuple[str, ...]] = {
    "coder": ("read_file", "write_file", "str_replace", "grep", "bash", "submit_result"),
    "reviewer": (
        *("read_file", "grep", "bash", "fetch_issue", "fetch_pull_request"),
        "submit_result",
    ),
    "verifier": ("run_gate_job",),
}


def build(
    *,
    role: Role,
    allowed: Collection[str],
    workspace: Path,
    runner: Runner,
    repository: str,
    issues: IssueSource | None = None,
    clean: Callable[[str], str] = str,
    bash_timeout_seconds: float = 30.0,
    bash_network: Network = "none",
    revisions: Revisions | None = None,
    digests: Mapping[str, str] | None = None,
    more: Sequence[Tool] = (),
) -> Registry:
    """The tools that *allowed* names, of those that read and write *workspace* and of *more*.

    *issues* None: there is no code host, and the fetching tools are not there. *revisions* names
    the commits of the workspace; None: only HEAD. *digests* are of its files that are judged: one
    that is altered shows nothing. Raises RegistryError for a name that no tool has.
    """
    jail = Jail(workspace, seen_as=runner.workspace, digests=digests)
    tools: list[Tool] = [
        ReadFile(jail),
        WriteFile(jail),
        StrReplace(jail),
        Grep(runner, jail),
        Bash(
            runner,
            jail,
            timeout_seconds=bash_timeout_seconds,
            network=bash_network,
            revisions=revisions,
        ),
    ]
    if issues is not None:
        tools.append(FetchIssue(issues, repository=repository, clean=clean))
        tools.append(FetchPullRequest(issues, repository=repository, clean=clean))
    tools += [*more, SubmitResult(role)]
    there = {tool.name for tool in tools}
    for name in allowed:
        if name in NATIVE and name not in there:
            raise RegistryError(f"{name}: a tool that runs of this kind do not have; leave it out")
    return Registry(tools, sorted(allowed))
