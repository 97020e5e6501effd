"""Ending what runs: by command, by taking the label away, by closing."""

from __future__ import annotations

from app.github.errors import NotFound as MissingOnGitHub
from app.webhook import replies
from app.webhook.desk import Case, Outcome, has_label, maker_of, workloads_of
from app.webhook.intents import Cancel
from k8s.errors import NotFound
from k8s.resources.task import Cancellation
from k8s.resources.workload import Workload


async def cancel(case: Case, order: Cancel) -> Outcome:
    """Every running Workload of the issue or pull request gets the order, once."""
    if order.because != "asked" and not await _still(case, order):
        return Outcome("Ignored", f"no longer {order.because}")
    running = [workload for workload in await _concerned(case, order) if workload.active]
    reason = {
        "asked": f"/foreman cancel by {case.sender}",
        "closed": f"closed by {case.sender}",
        "unlabeled": f"label removed by {case.sender}",
    }[order.because]
    for workload in running:
        await _end(case, workload, reason)
    if not running:
        if order.comment is not None:
            marker = replies.answer_marker(order.comment, "cancel")
            text = replies.answering(order.line, replies.NOTHING_RUNS)
            await case.conversation.say_once(order.number, marker, text)
        return Outcome("Ignored", "nothing runs")
    return Outcome("Done", reason, tuple(f"Workload/{w.metadata.name}" for w in running))


async def _concerned(case: Case, order: Cancel) -> list[Workload]:
    found = await workloads_of(case, order.number, is_pull_request=order.is_pull_request)
    # The label on a pull request asks for a review only; without it the coder may go on.
    if order.is_pull_request and order.because != "unlabeled":
        maker = await maker_of(case, order.number)
        found += [maker] if maker else []
    return found


async def _still(case: Case, order: Cancel) -> bool:
    """Whether the label is still off, or the issue still closed: events overtake each other."""
    try:
        issue = await case.conversation.issue(order.number)
    except MissingOnGitHub:
        return True  # deleted, or moved to where we are not
    if order.because == "closed":
        return bool(issue["state"] == "closed")
    return not has_label(issue, case.office.label)


async def _end(case: Case, workload: Workload, reason: str) -> None:
    if workload.spec.cancellation is not None:
        return
    order = Cancellation(by=case.sender, reason=reason)
    name, namespace = workload.metadata.name, workload.metadata.namespace or ""
    body = {"spec": {"cancellation": order.wire()}}
    try:
        await case.office.client.patch(Workload, name, namespace, body)
    except NotFound:
        return
