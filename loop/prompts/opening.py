"""The opening user message of a task: pure text from values."""

from __future__ import annotations

from datetime import date

from loop.cleaning import clean, quoted
from loop.snapshot import Snapshot
from loop.work.job import Job

_ISSUE_LIMIT = 16 * 1024  # characters of an issue body that a prompt carries


def opening(job: Job, *, workspace: str, today: date, base: str) -> str:
    """What the model reads first."""
    parts = [_orientation(workspace, today), _task(job, base)]
    if job.prompt_prefix:
        parts.append(f"Note from the operator:\n{clean(job.prompt_prefix)}")
    if job.snapshot and job.kind == "issue-fix":
        parts.append(issue_text(job.snapshot))
    if job.prompt:
        source = "what the operator pasted" if not job.snapshot else "hint by the one who asked"
        parts.append(
            quoted(clean(job.prompt), author="operator", permission="write", source=source)
        )
    return "\n\n".join(parts)


def _orientation(workspace: str, today: date) -> str:
    return (
        f"The repository is checked out at {workspace}, where `bash` starts; stay inside it. "
        "Paths given to tools are relative to it.\n"
        f"Today is {today.isoformat()} (UTC); trust this over your memory."
    )


def _task(job: Job, base: str) -> str:
    issue = f"issue #{job.issue}" if job.issue else "the issue below"
    match job.kind:
        case "issue-fix":
            return f"Resolve {issue} of {job.repository}. The checkout starts at {base}."
        case "review":
            about = f"issue #{job.issue}" if job.issue else "its description"
            pull = (
                f"Pull request #{job.pull_request}" if job.pull_request else f"Branch {job.branch}"
            )
            return (
                f"{pull} of {job.repository} is checked out. Review it against {about}. "
                f"Its change is `git diff {base}...HEAD`."
            )
        case _:
            return "Do what is asked below."


def issue_text(snapshot: Snapshot) -> str:
    """Title, body and comments as quoted, untrusted text with author and permission."""
    head = clean(f"Issue #{snapshot.number}: {snapshot.title}")
    body = quoted(
        clean(snapshot.body)[:_ISSUE_LIMIT] or "(no description)",
        author=snapshot.author or "unknown",
        permission=snapshot.permission or "unknown",
        source=f"issue #{snapshot.number}",
    )
    comments = [
        quoted(
            clean(comment.body)[:_ISSUE_LIMIT],
            author=comment.author,
            permission=comment.permission,
            source=f"comment on issue #{snapshot.number}",
        )
        for comment in snapshot.comments
    ]
    withheld = (
        [f"({snapshot.withheld} comments by people without write access are withheld.)"]
        if snapshot.withheld
        else []
    )
    return "\n\n".join([head, body, *comments, *withheld])
