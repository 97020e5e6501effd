"""Our pull request: its text (what changed, why, and what was run), and that it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from loop.codehost import CodeHost, CodeHostError, PullRequestSeen, PullRequestWanted
from tools.result import GateCommand, Result

log = structlog.get_logger(__name__)

_TRAILERS = ("foreman-task:", "foreman-model:", "signed-off-by:", "fixes #")


def body(result: Result) -> str:
    """Summary, the commit's own reasons, and the gate's commands with their exit codes."""
    parts = [result.summary.strip()]
    reasons = _reasons(result.extra.commit_message or "")
    if reasons and reasons != result.summary.strip():
        parts.append(reasons)
    if names := result.extra.summary_unverified_claims:
        parts.append(unborne(names))
    if result.extra.gate:
        parts.append(gate_table(result.extra.gate))
    return "\n\n".join(part for part in parts if part)


def unborne(names: Sequence[str]) -> str:
    """A warning about names in the text above that the diff does not show."""
    listed = "\n".join(f"> - `{name.replace('`', '')}`" for name in names)
    return f"> [!WARNING]\n> Named above, but neither in the diff nor among the files:\n{listed}"


def gate_table(commands: Sequence[GateCommand]) -> str:
    """A Markdown table of what the harness ran; pipes in commands are escaped."""
    rows = ["| check | command | result |", "| --- | --- | --- |"]
    for run in commands:
        ended = (
            "could not run"
            if run.exit_code is None
            else "passed"
            if run.exit_code == 0
            else f"exit {run.exit_code}"
        )
        command = run.command.replace("|", "\\|").replace("\n", " ").replace("`", "'")
        rows.append(f"| {run.name} | `{command}` | {ended} |")
    return "\n".join(rows)


def _reasons(message: str) -> str:
    """The body of a commit message without its trailers."""
    _, _, rest = message.partition("\n")
    paragraphs = [p for p in rest.strip().split("\n\n") if p.strip()]
    kept = [
        p
        for p in paragraphs
        if not all(_is_trailer(line) for line in p.splitlines() if line.strip())
    ]
    return "\n\n".join(kept).strip()


def _is_trailer(line: str) -> bool:
    return line.strip().lower().startswith(_TRAILERS)


async def ensured(
    host: CodeHost, wanted: PullRequestWanted, *, pauses: Sequence[float]
) -> PullRequestSeen:
    """The open pull request; *pauses* are the seconds between tries while the host is away.

    Each try looks first: what was opened though its answer was lost is found. Raises `CodeHostError`.
    """
    for seconds in pauses:
        try:
            return await host.ensure_pull_request(wanted)
        except CodeHostError as exc:
            if not exc.temporary:
                raise
            log.warning("pull_request.host_away", error=str(exc), again_in_seconds=seconds)
        await asyncio.sleep(seconds)
    return await host.ensure_pull_request(wanted)
