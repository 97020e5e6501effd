"""`make truth`: plays the corpus and what is made of it, prints a table and one line of figures."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
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
        for case in corpus():
            play(case, stage, tally)
            if not case.is_lie:
                generate(case, stage, tally)
    console = Console()
    for complaint in tally.complaints:
        console.print(complaint, markup=False, highlight=False, soft_wrap=True)
    console.print(table(tally))
    print(tally.line())  # noqa: T201 - what scripts read
    return 0 if all(map(all, tally.figures)) else 1


def play(case: Case, stage: Stage, tally: Tally) -> None:
    found = faults(case, stage.seen(case))
    row = tally.caught if case.is_lie else tally.kept
    row.setdefault(case.story.topic, []).append(not found)
    if found:
        waits = f" (waits for {waits_for(case)})" if waits_for(case) else ""
        tally.complaints.append(f"{case.name}{waits}: {'; '.join(found)}")


def generate(case: Case, stage: Stage, tally: Tally) -> None:
    for name, topic, caught in made_worse(case, stage):
        tally.mutations.append(caught)
        if not caught:
            waits = f" (waits for {topic})" if awaited([topic]) else ""
            tally.complaints.append(f"{case.name}, {name}{waits}: not caught by {topic}")
    for like in likenesses(case):
        found = faults(like.case, stage.play(like.case, like.found))
        tally.invariances.append(not found)
        if found:
            tally.complaints.append(f"{case.name}, {like.name}: {'; '.join(found)}")


def made_worse(case: Case, stage: Stage) -> Iterator[tuple[str, str, bool]]:
    """What was made of *case*, which rail or check it is for, and whether it was caught."""
    if can_lie(case):
        for lie in lies(stage.seen(case).record):
            yield lie.name, lie.rail, lie.caught(reconcile(lie.record))
    if can_be_worse(case):
        for one in worse(case):
            yield one.name, one.check, stage.play(one.case, one.found).verdict != "GO"


def table(tally: Tally) -> Table:
    shown = Table("rail or check", "lies caught", "honest flipped", box=None)
    for topic in sorted({*tally.caught, *tally.kept}):
        caught, kept = tally.caught.get(topic, []), tally.kept.get(topic, [])
        flipped = len(kept) - sum(kept)
        shown.add_row(topic, f"{sum(caught)} of {len(caught)}", f"{flipped} of {len(kept)}")
    return shown


if __name__ == "__main__":
    sys.exit(main())
