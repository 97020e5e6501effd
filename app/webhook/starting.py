"""Starting work: on an issue by the coder, on a pull request by the reviewers."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import structlog

from app.github.errors import NotFound as MissingOnGitHub
from app.webhook import replies, snapshots, workloads
from app.webhook.desk import Case, Outcome, has_label, is_in, workloads_of
from app.webhook.intents import StartReview, StartWorkload
from app.webhook.names import snapshot_name, workload_name
from app.webhook.workloads import Order, Target
from k8s.errors import AlreadyExists, NotFound
from k8s.resources.core import ConfigMap
from k8s.resources.workload import Workload

Start = StartWorkload | StartReview

log = structlog.get_logger(__name__)


async def start(case: Case, wanted: Start) -> Outcome:
    """The Workload of this order; or, while another works on the same, that one."""
    number = _number(wanted)
    async with case.office.lock(case.repository_id, number):
        order = _order(case, wanted)
        if outcome := await _there_already(case, order, wanted):
            return outcome
        if isinstance(wanted, StartReview):
            about = await case.conversation.pull_request(number)
        else:
            about = await case.conversation.issue(number)
        if outcome := await _not_now(case, about, wanted):
            return outcome
        crew = case.office.crew()
        if isinstance(wanted, StartReview):
            if not crew.reviewers:
                return await _nobody(case, wanted, "reviewer")
            asked = await _closing(case, _asked(case))
            target = _target(case, about, asked)
            return await _make(case, workloads.review(order, crew, target), asked)
        if not crew.coder:
            return await _nobody(case, wanted, "coder")
        branch = case.event.payload.repository.default_branch
        workload = workloads.fix(order, crew, hint=wanted.hint, default_branch=branch)
        return await _make(case, workload, _asked(case))


def _number(wanted: Start) -> int:
    return wanted.pull_request if isinstance(wanted, StartReview) else wanted.issue


def _order(case: Case, wanted: Start) -> Order:
    repository, number = case.event.payload.repository, _number(wanted)
    return Order(
        name=workload_name(
            repository.full_name, number, repository_id=repository.id, trigger=wanted.trigger
        ),
        namespace=case.office.namespace,
        repository=repository.full_name,
        repository_id=repository.id,
        installation=case.scope.installation,
        number=number,
        by=case.sender,
        comment=wanted.comment,
    )


async def _there_already(case: Case, order: Order, wanted: Start) -> Outcome | None:
    """The Workload of this very order, or one that works on the issue now."""
    is_review = isinstance(wanted, StartReview)
    found = await workloads_of(case, order.number, is_pull_request=is_review)
    for workload in found:
        if workload.metadata.name == order.name:
            await _own_snapshots(case, workload)
            return Outcome("Done", "started", (f"Workload/{order.name}",))
    for workload in found:
        if workload.active and workload.spec.cancellation is None:
            name = workload.metadata.name
            await _tell(case, wanted, replies.RUNNING.format(workload=name))
            return Outcome("Done", f"{name} works on it already", (f"Workload/{name}",))
    return None


async def _not_now(case: Case, about: dict[str, Any], wanted: Start) -> Outcome | None:
    """What the world says against starting: a later event may have overtaken this one."""
    if about["state"] != "open":
        await _tell(case, wanted, replies.CLOSED)
        return Outcome("Ignored", "closed")
    if wanted.comment is None and not has_label(about, case.office.label):
        return Outcome("Ignored", "the label is gone again")
    return None


async def _nobody(case: Case, wanted: Start, role: str) -> Outcome:
    text = replies.answering(wanted.line, replies.NO_AGENT.format(role=role))
    marker = replies.answer_marker(wanted.comment or 0, f"no-{role}")
    await case.conversation.say_once(_number(wanted), marker, text)
    return Outcome("Failed", f"no {role} Agent")


async def _tell(case: Case, wanted: Start, text: str) -> None:
    """Answer a command; a label is not talked to."""
    if wanted.comment is not None:
        marker = replies.answer_marker(wanted.comment, "start")
        answer = replies.answering(wanted.line, text)
        await case.conversation.say_once(_number(wanted), marker, answer)


def _asked(case: Case) -> snapshots.Asked:
    """The issue or pull request as the event shows it."""
    payload = case.event.payload
    about = payload.issue or payload.pull_request
    assert about is not None, "the parser saw to it"
    return snapshots.Asked(
        number=about.number,
        title=about.title,
        body=about.body or "",
        author=about.user.login if about.user else "",
        labels=tuple(label.name for label in about.labels),
        at=payload.comment.created_at if payload.comment else about.updated_at,
    )


async def _closing(case: Case, asked: snapshots.Asked) -> snapshots.Asked:
    """What a pull request is judged by: the issue it closes, else its own words."""
    number = snapshots.closed_issue(asked.body, case.conversation.repository)
    if number is None or number == asked.number:
        return asked
    try:
        issue = await case.conversation.issue(number)
    except MissingOnGitHub:
        return asked
    if issue.get("pull_request"):
        return asked
    return snapshots.Asked(
        number=number,
        title=issue["title"],
        body=issue.get("body") or "",
        author=(issue.get("user") or {}).get("login", ""),
        labels=tuple(label["name"] for label in issue["labels"]),
        at=asked.at,
    )


def _target(case: Case, pull: dict[str, Any], asked: snapshots.Asked) -> Target:
    head, base = pull["head"], pull["base"]
    return Target(
        head_sha=head["sha"],
        base_sha=base["sha"],
        base=base["ref"],
        branch=head["ref"] if is_in(head, case.repository_id) else "",
        issue=asked.number if asked.number != pull["number"] else None,
    )


async def _make(case: Case, workload: Workload, asked: snapshots.Asked) -> Outcome:
    """First what tasks will read, then the Workload, then their bond."""
    client, namespace, name = case.office.client, case.office.namespace, workload.metadata.name
    bots = case.office.allowed_bots
    snapshot = await snapshots.take(case.conversation, asked, allowed_bots=bots)
    kept = snapshots.config_map(snapshot, workload=name, namespace=namespace)
    with suppress(AlreadyExists):  # of an earlier try: as of the same trigger, and first
        await client.create(kept)
    try:
        made = await client.create(workload)
    except AlreadyExists:
        made = await client.get(Workload, name, namespace)
    await _own_snapshots(case, made)
    log.info("workload.started", workload=name, number=asked.number, by=case.sender)
    return Outcome("Done", "started", (f"Workload/{name}", f"ConfigMap/{kept.metadata.name}"))


async def _own_snapshots(case: Case, workload: Workload) -> None:
    """The snapshots go when their Workload goes."""
    numbers = {*workload.spec.issues}
    for step in workload.spec.pipeline:
        numbers |= {step.payload.issue or step.payload.pull_request or 0}
    owner = {"metadata": {"ownerReferences": [workload.owner_reference().wire()]}}
    for number in sorted(numbers - {0}):
        name = snapshot_name(workload.metadata.name, number)
        with suppress(NotFound):
            await case.office.client.patch(ConfigMap, name, case.office.namespace, owner)
