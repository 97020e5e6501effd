"""One model run for a job: opening, budgets, transcript; resumed where a transcript is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from loop import agent
from loop.agent import Callbacks
from loop.calls import Tools
from loop.envelope import transcript_envelope
from loop.model import Message, Model
from loop.task import Ending, Identity, RunSettings
from loop.transcript import Recorded, Transcript, read_transcript
from loop.work.job import Job
from loop.work.persona import Persona

Redact = Callable[[str], str]


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
    *,
    model: Model,
    tools: Tools,
    opening: Sequence[str],
    callbacks: Callbacks,
    redact: Redact,
    now: Callable[[], datetime],
    resume: Recorded | None,
) -> Conversed:
    """Talk until the run ends. *opening* is the user messages; the system prompt is the persona's."""
    identity = Identity(
        task=job.task, agent=persona.name, kind=job.kind, issue=job.issue, round=job.round
    )
    settings = RunSettings(
        identity=identity,
        max_turns=persona.max_turns,
        max_tokens=persona.max_tokens,
        seconds=persona.seconds,
        max_retries=persona.max_retries,
        context_tokens=persona.context_tokens,
        compact_at_percent=persona.compact_at_percent,
    )
    messages = (
        [Message(role="system", content=persona.system_prompt)] if persona.system_prompt else []
    )
    messages += _turns(job, opening)
    path = transcript_path(job)
    with Transcript(path, redact=redact, now=now) as transcript:
        ending = await agent.run(
            messages,
            model=model,
            tools=tools,
            settings=settings,
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


def _turns(job: Job, opening: Sequence[str]) -> list[Message]:
    said = [Message(role=role, content=content) for role, content in job.conversation]
    return [*(Message(role="user", content=text) for text in opening), *said]
