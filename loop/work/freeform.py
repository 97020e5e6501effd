"""Freeform work: a prompt or a conversation, with or without a repository, answered in words."""

from __future__ import annotations

from pathlib import Path

from loop.agent import Callbacks
from loop.cleaning import clean
from loop.prompts.opening import opening
from loop.work.checkout import CheckoutError, for_coder, tips
from loop.work.job import Done, Job, precondition
from loop.work.means import Means
from loop.work.persona import Persona
from loop.work.talk import converse, transcript_path
from tools.errors import RegistryError
from tools.registry import build
from tools.sandbox.runner import Box


async def answer(job: Job, persona: Persona, means: Means) -> Done:
    """The model's text, or what it submitted; nothing it writes is kept."""
    try:
        box, base = await _box(job, persona, means)
    except CheckoutError as fault:
        return precondition("CloneFailed", str(fault))
    assert means.model, "a freeform agent has a model"
    runner = means.sandbox.runner(box)
    try:
        tools = build(
            role="other",
            allowed=persona.tools,
            workspace=box.workspace,
            runner=runner,
            repository=job.repository,
            issues=means.issues,
            clean=clean,
            bash_timeout_seconds=persona.bash_seconds,
        )
    except RegistryError as fault:
        return precondition("InfrastructureError", str(fault))
    transcript_path(job).unlink(missing_ok=True)
    first = opening(
        job,
        workspace=runner.workspace,
        today=means.now().date(),
        base=base,
        context_tokens=persona.context_tokens,
    )
    try:
        conversed = await converse(
            job,
            persona,
            model=means.model,
            tools=tools,
            opening=[first],
            callbacks=Callbacks(on_progress=means.on_progress),
            redact=means.redactor.text,
            now=means.now,
            resume=None,
        )
    finally:
        await runner.kill()
    result = conversed.ending.result()
    extra = result.extra.replace(execution_mode=means.sandbox.description)
    return Done(result.replace(extra=extra), transcript=conversed.transcript)


async def _box(job: Job, persona: Persona, means: Means) -> tuple[Box, str]:
    """A checkout of the base branch, or an empty folder where no repository is named."""
    if not job.repository:
        empty: Path = job.directory / "workspace"
        empty.mkdir(mode=0o755, exist_ok=True)
        return Box(empty, limits=persona.limits), ""
    found = await tips(job, means.repositories, await means.tokens.read())
    made = await for_coder(job, means.repositories, found)
    box = Box(made.path, made.control, made.objects, persona.limits)
    return box, f"origin/{found.base_branch}"
