"""One model run for a job: opening, budgets, transcript; resumed where a transcript is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loop import agent
from loop.agent import Callbacks
from loop.cleaning import clean
from loop.envelope import transcript_envelope
from loop.model import Message
from loop.prompts.opening import opening
from loop.task import Ending, Identity, RunSettings
from loop.transcript import Recorded, Transcript, read_transcript
from loop.work.job import Job
from loop.work.means import Means
from loop.work.persona import Persona
from tools.looks import Revisions
from tools.registry import build
from tools.sandbox.runner import Box, Runner
from tools.submit import Role


@dataclass(frozen=True)
class Seat:
    """Where a model sits: the work tree in *box* that *runner* shows it.

    *base* is what the change is against, "" without a repository; *amending* what to tell of a
    prior attempt in the tree, "" where there is none.
    """

    role: Role
    box: Box
    runner: Runner
    base: str = ""
    amending: str = ""
    revisions: Revisions | None = None  # None: HEAD alone
    repository_map: str = ""  # "" where the seat is shown none
    digests: Mapping[str, str] | None = None  # of the files that are judged; None: none are


@dataclass(frozen=True)
class Conversed:
    """The ending, and the conversation as texts for a ConfigMap."""

    ending: Ending
    transcript: dict[str, str]


def transcript_path(job: Job) -> Path:
    return job.directory / "transcript.jsonl"


def recorded(job: Job) -> Recorded | None:
    """What an interrupted run of this job left; None where there was none."""
    path = transcript_path(job)
    if not path.exists():
        return None
    found = read_transcript(path)
    return found if found.messages else None


async def converse(
    job: Job,
    persona: Persona,
    means: Means,
    *,
    seat: Seat,
    callbacks: Callbacks,
    resume: Recorded | None = None,
) -> Conversed:
    """Talk until the run ends; without *resume* an earlier transcript of the job is dropped.

    Raises `RegistryError` for an Agent that lists a tool its seat does not have.
    """
    assert means.model, f"a {seat.role} with a seat has a model"
    tools = build(
        role=seat.role,
        allowed=persona.tools,
        workspace=seat.box.workspace,
        runner=seat.runner,
        repository=job.repository,
        issues=means.issues,
        clean=clean,
        bash_timeout_seconds=persona.bash_seconds,
        bash_network=persona.network,
        revisions=seat.revisions,
        digests=seat.digests,
    )
    path, redact = transcript_path(job), means.redactor.text
    if resume is None:
        path.unlink(missing_ok=True)
    with Transcript(path, redact=redact, now=means.now) as transcript:
        ending = await agent.run(
            _messages(job, persona, means, seat),
            model=means.model,
            tools=tools,
            settings=_settings(job, persona),
            transcript=transcript,
            callbacks=callbacks,
            recorded=resume,
        )
    meta = {
        "task": job.task,
        "agent": persona.name,
        "model": persona.model_name,
        "verdict": ending.verdict,
        "outcome": ending.outcome,
    }
    stored = transcript_envelope(
        read_transcript(path).messages, turns=ending.turns, meta=meta, redact=redact
    )
    return Conversed(ending, stored)


def _messages(job: Job, persona: Persona, means: Means, seat: Seat) -> list[Message]:
    """The persona's system prompt, the opening, and what was said before."""
    first = opening(
        job,
        workspace=seat.runner.workspace,
        today=means.now().date(),
        base=seat.base,
        repository_map=seat.repository_map,
        context_tokens=persona.context_tokens,
        amending=seat.amending,
    )
    system = (
        [Message(role="system", content=persona.system_prompt)] if persona.system_prompt else []
    )
    said = [Message(role=role, content=content) for role, content in job.conversation]
    return [*system, Message(role="user", content=first), *said]


def _settings(job: Job, persona: Persona) -> RunSettings:
    return RunSettings(
        identity=Identity(
            task=job.task, agent=persona.name, kind=job.kind, issue=job.issue, round=job.round
        ),
        max_turns=persona.max_turns,
        max_tokens=persona.max_tokens,
        seconds=persona.seconds,
        max_retries=persona.max_retries,
        context_tokens=persona.context_tokens,
        compact_at_percent=persona.compact_at_percent,
    )
