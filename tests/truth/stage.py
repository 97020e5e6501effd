"""Where cases are played: a real repository, the real run, a model that follows the case."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from loop.codehost import PullRequestSeen, PullRequestWanted
from loop.evidence import Record, read_record
from loop.snapshot import Snapshot
from loop.work.coder import code
from loop.work.job import Done, Job
from loop.work.means import Means
from loop.work.reviewer import review
from tests.loop.work.workshop import CODER, REVIEWER, Workshop, persona
from tests.truth import script
from tests.truth.case import Case
from tests.truth.repository import States, states, write
from tools.errors import ToolError
from tools.issues import IssueView, PullRequestView
from tools.result import Extra, Verdict
from tools.sandbox.probe import probe

BRANCH = "foreman/w/issue-7"
ISSUE = 7
PULL = 9
CONTEXT_TOKENS = 1_000_000  # a script forgets nothing
AT_A_TIME = min(8, os.cpu_count() or 1)


@dataclass(frozen=True)
class Play:
    """A case to be played: in *found* instead of its own repository, without the checks of *off*.

    *gives_up*: the coder declines after the first refusal instead of insisting to the end.
    """

    case: Case
    found: States | None = None
    off: tuple[str, ...] = ()
    gives_up: bool = False


@dataclass(frozen=True)
class Seen:
    """What came of a case. *told* is all that tools and harness answered the model."""

    verdict: Verdict
    extra: Extra
    record: Record
    failure_reason: str
    told: str


@dataclass
class _Host:
    """A code host that knows the case's issue and its pull request."""

    case: Case

    async def issue(self, repository: str, number: int) -> IssueView:
        if number != ISSUE or not self.case.title:
            raise ToolError(f"issue #{number}: not found")
        return IssueView(number=number, title=self.case.title, body=self.case.body)

    async def pull_request(self, repository: str, number: int) -> PullRequestView:
        title, _, body = self.case.story.pull_request.partition("\n")
        return PullRequestView(number=number, title=title, body=body.strip("\n"))

    async def ensure_pull_request(self, wanted: PullRequestWanted) -> PullRequestSeen:
        return PullRequestSeen(PULL, f"https://host/pull/{PULL}", wanted.draft, "", "")


class Stage:
    """Plays cases one after the other. Use as a context manager; *folder* is scratch."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._numbers = itertools.count(1)
        self._seen: dict[str, Seen] = {}
        self._means: Means | None = None

    def __enter__(self) -> Self:
        self._runner.run(self._set_up())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._open.aclose())
        self._runner.close()

    def seen(self, case: Case) -> Seen:
        """What came of *case* as it stands in the corpus; played once."""
        if case.name not in self._seen:
            self._seen[case.name] = self.play(case)
        return self._seen[case.name]

    def rehearse(self, cases: Sequence[Case]) -> None:
        """Play all of *cases*, so that `seen` has them."""
        played = self.play_all([Play(case) for case in cases])
        self._seen |= {case.name: seen for case, seen in zip(cases, played, strict=True)}

    def play(self, case: Case, found: States | None = None, *, off: tuple[str, ...] = ()) -> Seen:
        """*case*, in *found* instead of its own repository, with the checks of *off* off."""
        return self.play_all([Play(case, found, off)])[0]

    def play_all(self, plays: Sequence[Play]) -> list[Seen]:
        """What came of each, a few at a time."""
        return self._runner.run(self._play_all(plays))

    async def _play_all(self, plays: Sequence[Play]) -> list[Seen]:
        room = asyncio.Semaphore(AT_A_TIME)

        async def one(play: Play) -> Seen:
            async with room:
                return await self._play(play)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(play)) for play in plays]
        return [task.result() for task in tasks]

    async def _set_up(self) -> None:
        bare = self._folder / "remotes" / "acme" / "none.git"
        workshop = Workshop(self._folder, bare, await probe(want="plain"))
        self._means = await self._open.enter_async_context(workshop.means())

    async def _play(self, play: Play) -> Seen:
        assert self._means, "a stage is entered before it plays"
        case = play.case
        found = play.found
        if found is None:
            found = await asyncio.to_thread(states, case.folder)
        number = next(self._numbers)
        place = self._folder / f"play-{number}"
        bare = place / "remotes" / "acme" / f"{case.name}.git"
        is_review = case.story.role == "reviewer"
        shas = await asyncio.to_thread(write, bare, found, change_on=BRANCH if is_review else "")
        if case.story.pull_request:
            write_ref(bare, f"refs/pull/{PULL}/head", shas["change"])
        case = _named(case, shas)
        model = script.reviewer(case) if is_review else script.coder(case, found, play.gives_up)
        host = _Host(case)
        means = replace(
            self._means,
            repositories=replace(self._means.repositories, root_url=f"file://{place / 'remotes'}"),
            host=host,
            issues=host,
            model=model,
            gate_switches=dict.fromkeys(play.off, False),
        )
        job = _job(case, place / "run", number)
        if is_review:
            who = persona(
                name="reviewer", role="reviewer", tools=REVIEWER, context_tokens=CONTEXT_TOKENS
            )
            done = await review(job, who, means)
        else:
            done = await code(job, persona(tools=CODER, context_tokens=CONTEXT_TOKENS), means)
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        return _seen(done, model)


def write_ref(bare: Path, ref: str, sha: str) -> None:
    path = bare / ref
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{sha}\n")


def _job(case: Case, directory: Path, number: int) -> Job:
    directory.mkdir(parents=True)
    repository = script.repository_of(case)
    title, body = case.title, case.body
    snapshot = Snapshot(repository=repository, number=ISSUE, title=title, body=body)
    job = Job(
        task=f"t{number}",
        uid=f"uid-{number}",
        kind="review" if case.story.role == "reviewer" else "issue-fix",
        directory=directory,
        repository=repository,
        issue=ISSUE if title else None,
        branch="" if case.story.pull_request else BRANCH,
        snapshot=snapshot if title else None,
        pull_request=PULL if case.story.pull_request else None,
        open_pull_request=case.story.role == "coder",
    )
    return replace(job, **case.story.job)


def _named(case: Case, shas: Mapping[str, str]) -> Case:
    """*case* with `{base1}` and the like in its claims made the SHAs that they are."""

    def filled(value: Any) -> Any:
        match value:
            case str():
                for name, sha in shas.items():
                    value = value.replace(f"{{{name}}}", sha)
                return value
            case Mapping():
                return {key: filled(item) for key, item in value.items()}
            case list() | tuple():
                return [filled(item) for item in value]
            case _:
                return value

    says = filled(case.story.says)
    return replace(case, story=case.story.model_copy(update={"says": says}))


def _seen(done: Done, model: script.Script) -> Seen:
    if not done.evidence:
        raise AssertionError(f"the run never began: {done.result.summary}")
    return Seen(
        verdict=done.result.verdict,
        extra=done.result.extra,
        record=read_record(done.evidence),
        failure_reason=done.result.failure_reason or "",
        told="\n".join(model.heard),
    )
