"""The opening user message of a task: pure text from values."""

from __future__ import annotations

from datetime import date

from loop.cleaning import clean, quoted
from loop.prompts.rounds import agreement, digest, to_look_at
from loop.snapshot import Snapshot
from loop.work.job import Job

_TEXT_LIMIT = 16 * 1024  # characters of one text of an issue that a prompt carries
_CONTEXT_TOKENS = 32768
_CHARACTERS_PER_TOKEN = 4
_SHARE = 0.3  # of the context; the opening is never compacted away
_FRAME = 600  # characters around a quoted text, at most


def opening(
    job: Job,
    *,
    workspace: str,
    today: date,
    base: str,
    context_tokens: int = _CONTEXT_TOKENS,
    amending: str = "",
    repository_map: str = "",
) -> str:
    """What the model reads first; of an issue no more than its share of *context_tokens* holds.

    *amending* tells of a prior attempt in the work tree: it and what was found come before the
    issue.
    """
    before = [_orientation(workspace, today), _task(job, base), amending]
    if job.prompt_prefix:
        before.append(f"Note from the operator:\n{clean(job.prompt_prefix)}")
    if repository_map:
        before.append(f"Map of the repository (`name:line` of what is defined):\n{repository_map}")
    after = [agreement(job), to_look_at(job.advisories)]
    (before if amending else after).append(digest(job))
    issue = []
    if job.snapshot and job.kind == "issue-fix":
        room = int(context_tokens * _CHARACTERS_PER_TOKEN * _SHARE)
        issue.append(issue_text(job.snapshot, room=room - sum(map(len, before + after))))
    return "\n\n".join(part for part in (*before, *issue, *after) if part)


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


def issue_text(snapshot: Snapshot, *, room: int) -> str:
    """Title, body and comments as quoted, untrusted text with author and permission.

    Beyond *room* characters the oldest comments are left out, and that is said.
    """
    source = f"issue #{snapshot.number}"
    text = f"Title: {clean(snapshot.title)}\n\n{clean(snapshot.body) or '(no description)'}"
    body = quoted(
        _cut(text, max(room // 2, 1000)),
        author=snapshot.author or "unknown",
        permission=snapshot.permission or "unknown",
        source=source,
    )
    comments = _newest(snapshot, room - len(body))
    left_out = len(snapshot.comments) - len(comments)
    notes = []
    if left_out:
        notes.append(
            f"({left_out} older comments are left out here to save room; fetch_issue shows them.)"
        )
    if snapshot.withheld:
        notes.append(f"({snapshot.withheld} comments by people without write access are withheld.)")
    return "\n\n".join([body, *notes, *comments])


def _newest(snapshot: Snapshot, room: int) -> list[str]:
    """As many of the newest comments as *room* characters hold, in the order they were written.

    Only the newest is cut to fit.
    """
    kept: list[str] = []
    for comment in reversed(snapshot.comments):
        text = quoted(
            _cut(clean(comment.body), _TEXT_LIMIT if kept else max(room - _FRAME, 0)),
            author=comment.author,
            permission=comment.permission,
            source=f"comment on issue #{snapshot.number}",
        )
        room -= len(text)
        if room < 0:
            break
        kept.append(text)
    return kept[::-1]


def _cut(text: str, room: int) -> str:
    limit = min(room, _TEXT_LIMIT)
    return text if len(text) <= limit else f"{text[:limit]}\n(cut; fetch_issue shows the rest)"
