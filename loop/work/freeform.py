"""Freeform work: a prompt or a conversation, with or without a repository, answered in words."""

from __future__ import annotations

from pathlib import Path

from loop.agent import Callbacks
from loop.work.checkout import CheckoutError, for_coder, tips
from loop.work.job import Done, Job, precondition
from loop.work.means import Means
from loop.work.persona import Persona
from loop.work.talk import Seat, converse
from tools.errors import RegistryError
from tools.sandbox.runner import Box


async def answer(job: Job, persona: Persona, means: Means) -> Done:
    """The model's text, or what it submitted; nothing it writes is kept."""
    try:
        box, base = await _box(job, persona, means)
    except CheckoutError as fault:
        return precondition("CloneFailed", str(fault))
    runner = means.sandbox.runner(box)
    try:
        conversed = await converse(
            job,
            persona,
            means,
            seat=Seat("other", box, runner, base),
            callbacks=Callbacks(on_progress=means.on_progress),
        )
    except RegistryError as fault:
        return precondition("InfrastructureError", str(fault))
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
    made = await for_coder(job, means.repositories, found, committer=means.author.email)
    box = Box(made.path, made.control, made.objects, persona.limits)
    return box, f"origin/{found.base_branch}"
