"""Our pull request: its text (what changed, why, and what was run), and that it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from loop.codehost import CodeHost, CodeHostError, PullRequestSeen, PullRequestWanted
from loop.prose import page, plain
from loop.work.tables import checks_table, gate_table, to_verify, unfounded
from tools.result import Result

log = structlog.get_logger(__name__)

_REASONS = 8000  # characters of a commit message's body
_TRAILERS = ("foreman-task:", "foreman-model:", "signed-off-by:", "fixes #", "refs #")


# What stands between is ours, and written anew when more is known; the rest is people's.
START = "<!-- foreman:checked -->"
END = "<!-- /foreman:checked -->"


def body(result: Result) -> str:
    """The text of a pull request that only its coder has spoken of yet."""
    return page([START, changed(result), END])


def changed(result: Result) -> str:
    """What the newest round changed and why, what of it has no ground, and what was run."""
    extra = result.extra
    summary = result.summary.strip()
    reasons = _reasons(extra.commit_message or "")
    return page(
        [
            "### What changed",
            plain(summary),
            plain(reasons, _REASONS) if reasons != summary else "",
            unfounded(extra.summary_unverified_claims or []),
            to_verify(extra.unverified or []),
            gate_table(extra.gate or []),
            checks_table(extra.checks or []),
        ]
    )


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
