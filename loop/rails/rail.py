"""What a rail is: a pure function of the evidence and of what the rails before it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from loop.evidence import Record
from tools.result import Extra, FailureReason, Ruling, Verdict

Demotion = Literal["NO-GO", "INCOMPLETE"]
"""What a rail may turn a verdict into. There is no way to say GO."""


@dataclass(frozen=True)
class SoFar:
    """The verdict, the claims as corrected, and the rulings of the rails before."""

    verdict: Verdict
    extra: Extra
    rulings: tuple[Ruling, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What one rail decided. *changes* are fields of `Extra` by their Python names."""

    ruling: Ruling
    changes: Mapping[str, Any] = field(default_factory=dict)
    demoted_to: Demotion | None = None  # None: the verdict stays
    failure_reason: FailureReason | None = None
    outcome: Literal["UNGROUNDED"] | None = None


@dataclass(frozen=True)
class Rail:
    name: str
    judge: Callable[[Record, SoFar], Outcome]


def could_not_run(rail: str, reason: str, *, claimed: str = "") -> Outcome:
    return Outcome(Ruling(rail=rail, ruling="could not run", claimed=claimed, reason=reason))
