"""What people are answered, and the marker by which each answer is found again.

Markers are looked for in our own comments only, so nobody else's forged one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from app.webhook.commands import help_text
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

REFUSAL = (
    "Thank you for asking, @{person}. Work here is started by people who may write to the"
    " repository, and GitHub says your permission is `{permission}`, so nothing was started."
    " Somebody with write access can add the label `{label}` or comment `/foreman fix`."
)
UNKNOWN = "I do not know that command. These I know:"
NOT_HERE = {
    "issue": "That is for pull requests. On an issue, `/foreman fix` starts work.",
    "pull-request": "That is for issues. On a pull request, `/foreman review` asks for a review.",
}
CLOSED = "This is closed, so nothing was started. Reopen it and ask again."
RUNNING = "Work on this is under way already: Workload `{workload}`. `/foreman cancel` ends it."
NOTHING_RUNS = "Nothing of mine is running here."
NOTHING_KNOWN = "Nothing of mine was ever started here."
NO_AGENT = (
    "There is no {role} Agent to give this to. The operator can add one"
    " (`kubectl apply -f agent.yaml`, or `foreman.toml`); then ask again."
)


def refusal_marker(person: str) -> str:
    return f"<!-- foreman:refusal {person.lower()} -->"


def answer_marker(comment: int, what: str) -> str:
    """Of the answer to one order in a comment."""
    return f"<!-- foreman:answer {comment} {what} -->"


UNKNOWN_MARKER = "<!-- foreman:unknown-command -->"


def answering(line: str, text: str) -> str:
    """*text* below the command it answers; the backticks keep the command from being one."""
    shown = line.replace("`", "'")[:200]
    return f"> `{shown}`\n\n{text}" if line else text


def refusal(person: str, permission: str, label: str) -> str:
    return REFUSAL.format(person=person, permission=permission, label=label.replace("`", "'"))


def unknown() -> str:
    return f"{UNKNOWN}\n\n{help_text()}"


def not_here(where: Literal["issue", "pull-request"]) -> str:
    return NOT_HERE[where]


def status(workload: Workload | None, tasks: Sequence[AgenticTask]) -> str:
    """Where the newest Workload of an issue or pull request stands."""
    if workload is None:
        return NOTHING_KNOWN
    spec = workload.spec
    phase = workload.status.phase or "Planning"
    head = [f"Workload `{workload.metadata.name}` is **{phase}**."]
    if spec.cancellation:
        head.append(f"It was cancelled: {spec.cancellation.reason}.")
    if not tasks:
        return " ".join(head)
    rows = ["| task | phase | verdict | turn |", "| --- | --- | --- | --- |"]
    rows += [_row(task, workload) for task in sorted(tasks, key=lambda t: t.metadata.name)]
    return "\n".join([" ".join(head), "", *rows])


def _row(task: AgenticTask, workload: Workload) -> str:
    progress = task.status.progress
    turn = f"{progress.turn} of {progress.max_turns}" if progress and not task.ended else ""
    step = task.metadata.name.removeprefix(f"{workload.metadata.name}-")
    return f"| `{step}` | {task.phase} | {task.status.verdict or ''} | {turn} |"
