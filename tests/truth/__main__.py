"""`make truth`: plays the corpus and what is made of it, prints a table and one line of figures."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from loop.rails.order import reconcile
from tests.truth.case import Case, corpus
from tests.truth.judgement import faults
from tests.truth.lies import can_lie, lies
from tests.truth.likenesses import likenesses
from tests.truth.stage import Stage
from tests.truth.waiting import awaited, waits_for
from tests.truth.worse import can_be_worse, worse

Row = dict[str, list[bool]]


@dataclass
class Tally:
    """What held and what did not: by topic, and in all. *complaints* say what did not."""

    caught: Row = field(default_factory=dict)
    kept: Row = field(default_factory=dict)
    mutations: list[bool] = field(default_factory=list)
    invariances: list[bool] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def figures(self) -> tuple[list[bool], ...]:
        of_lies = [held for row in self.caught.values() for held in row]
        of_honest = [held for row in self.kept.values() for held in row]
        return of_lies, of_honest, self.mutations, self.invariances

    def line(self) -> str:
        counts = [f"{sum(held)}/{len(held)}" for held in self.figures]
        return "truth: lies {} caught, honest {} kept, mutations {} caught, invariances {} kept".format(
            *counts
        )


def main() -> int:
    tally = Tally()
    with tempfile.TemporaryDirectory() as place, Stage(Path(place)) as stage:
        stage.rehearse(corpus())
        for case in corpus():
            judge(case, stage, tally)
        honest = [case for case in corpus() if not case.is_lie]
        tell_lies(honest, stage, tally)
        make_worse(honest, stage, tally)
        dress_up(honest, stage, tally)
    console = Console()
    for complaint in tally.complaints:
        console.print(complaint, markup=False, highlight=False, soft_wrap=True)
    console.print(table(tally))
    print(tally.line())  # noqa: T201 - what scripts read
    return 0 if all(map(all, tally.figures)) else 1


def judge(case: Case, stage: Stage, tally: Tally) -> None:
    found = faults(case, stage.seen(case))
    row = tally.caught if case.is_lie else tally.kept
    row.setdefault(case.story.topic, []).append(not found)
    if found:
        waits = f" (waits for {waits_for(case)})" if waits_for(case) else ""
        tally.complaints.append(f"{case.name}{waits}: {'; '.join(found)}")


def tell_lies(honest: Sequence[Case], stage: Stage, tally: Tally) -> None:
    for case in filter(can_lie, honest):
        for lie in lies(stage.seen(case).record):
            is_caught = lie.caught(reconcile(lie.record))
            mutated(tally, case, name=lie.name, topic=lie.rail, is_caught=is_caught)


def make_worse(honest: Sequence[Case], stage: Stage, tally: Tally) -> None:
    made = [one for case in filter(can_be_worse, honest) for one in worse(case)]
    for one, seen in zip(made, stage.play_all([m.play for m in made]), strict=True):
        is_caught = seen.verdict != "GO"
        mutated(tally, one.case, name=one.name, topic=one.check, is_caught=is_caught)


def mutated(tally: Tally, case: Case, *, name: str, topic: str, is_caught: bool) -> None:
    tally.mutations.append(is_caught)
    if not is_caught:
        waits = f" (waits for {topic})" if awaited([topic]) else ""
        tally.complaints.append(f"{case.name}, {name}{waits}: not caught by {topic}")


def dress_up(honest: Sequence[Case], stage: Stage, tally: Tally) -> None:
    dressed = [like for case in honest for like in likenesses(case)]
    for like, seen in zip(dressed, stage.play_all([d.play for d in dressed]), strict=True):
        found = faults(like.case, seen)
        tally.invariances.append(not found)
        if found:
            tally.complaints.append(f"{like.case.name}, {like.name}: {'; '.join(found)}")


def table(tally: Tally) -> Table:
    shown = Table("rail or check", "lies caught", "honest flipped", box=None)
    for topic in sorted({*tally.caught, *tally.kept}):
        caught, kept = tally.caught.get(topic, []), tally.kept.get(topic, [])
        flipped = len(kept) - sum(kept)
        shown.add_row(topic, f"{sum(caught)} of {len(caught)}", f"{flipped} of {len(kept)}")
    return shown


if __name__ == "__main__":
    sys.exit(main())
