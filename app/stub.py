"""`foreman work --agent-mode stub`: tasks are claimed and finished, and nothing is done."""

from __future__ import annotations

from k8s.node.claim import Claim
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.task import TaskKind
from loop.work.job import Done
from tools.result import Result, Verdict

_VERDICTS: dict[TaskKind, Verdict] = {"verify": "GATE-PASS"}  # every other kind: GO


class StubExecutor:
    """Implements `k8s.node.worker.Executor` without model, git and sandbox, to try a fleet."""

    async def run(self, claim: Claim) -> Done:
        kind = claim.task.spec.kind
        summary = f"stub: the node claimed this {kind} task and finished it without doing anything"
        return Done(Result(kind="stub", verdict=_VERDICTS.get(kind, "GO"), summary=summary))

    async def store(self, claim: Claim, done: Done) -> Done:
        return done

    async def tidy(self, claim: Claim) -> None:
        return

    async def endpoint_key(self, endpoint: ModelEndpoint) -> str:
        return ""
