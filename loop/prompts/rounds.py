"""What a later round is told beside the issue: whose work lies there, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence

from loop.cleaning import clean, quoted
from loop.repo.workspace import Start
from loop.work.job import Job
from tools.result import Advisory

_SHOWN = 30  # names of one list, at most


def amending(start: Start) -> str:
    """For a coder whose work tree holds a prior attempt; "" where it begins at the base."""
    if not start.prior:
        return ""
    told = (
        "The work tree already holds the previous attempt at this, on the base branch of today. "
        "Amend it: mend what was found wrong, keep what was right, do not build it again."
    )
    if start.sha != start.base_sha:
        told += " People have committed to this branch: keep what they did."
    told += f" `git diff {start.base_sha[:12]}` shows all of it."
    if start.conflicts:
        told += (
            "\nOthers changed the same places since. These files hold both versions or lack one; "
            "where git left conflict marks, `<<<<<<<` is what others did and `>>>>>>>` the previous "
            f"attempt. Settle them first:\n{_listed(start.conflicts)}"
        )
    return told


def digest(job: Job) -> str:
    """What the task was given to read: findings of a former round, a hint, or the whole ask."""
    if not job.prompt:
        return ""
    source, author = "hint by the one who asked", "operator"
    if job.revise_from:
        source, author = "what was found wrong with the previous attempt", "foreman"
    elif job.kind == "issue-fix" and job.round:
        source, author = "what is known of the rounds before", "foreman"
    elif not job.snapshot:
        source = "what the operator pasted"
    return quoted(clean(job.prompt), author=author, permission="write", source=source)


def agreement(job: Job) -> str:
    """For the coder of a slice: what all slices agreed on; "" where the work is not sliced."""
    if not job.contract or job.kind != "issue-fix":
        return ""
    told = quoted(job.contract, author="operator", permission="write", source="the slices' plan")
    return (
        f"Others write the other slices of this at the same time. Hold to what was agreed.\n{told}"
    )


def to_look_at(advisories: Sequence[Advisory]) -> str:
    """For a reviewer: what checks noticed without turning the work back."""
    if not advisories:
        return ""
    shown = [f"{clean(a.check)}: {clean(a.detail)}" for a in advisories[:_SHOWN]]
    left = len(advisories) - len(shown)
    shown += [f"({left} more)"] if left else []
    noticed = quoted("\n".join(shown), author="foreman", permission="write", source="its checks")
    return f"Look at each of these, and say in the review what you found.\n{noticed}"


def _listed(names: Sequence[str]) -> str:
    lines = [f"- {clean(name)}" for name in names[:_SHOWN]]
    left = len(names) - len(lines)
    return "\n".join([*lines, f"- and {left} more"] if left else lines)
