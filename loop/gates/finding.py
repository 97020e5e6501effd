"""What a content check objects to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tools.result import CheckRun

ContentCheck = Literal["secrets", "sizes", "workflows"]


@dataclass(frozen=True)
class ContentFinding:
    """*message* says what, never the secret itself; *line* 0 means the file as a whole."""

    check: ContentCheck
    path: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


def content_runs(
    findings: Sequence[ContentFinding], *, switched_off: Collection[str] = ()
) -> tuple[CheckRun, ...]:
    """What the content checks of a commit said, as they stand beside the other checks."""
    return tuple(_run(check, findings, switched_off) for check in get_args(ContentCheck))


def _run(
    check: ContentCheck, findings: Sequence[ContentFinding], switched_off: Collection[str]
) -> CheckRun:
    if check in switched_off:
        why = f"FOREMAN_{check.upper()}_GATE=0"
        return CheckRun(check=check, tier="block", outcome="switched off", detail=why)
    own = [str(finding) for finding in findings if finding.check == check]
    if own:
        return CheckRun(check=check, tier="block", outcome="failed", detail="\n".join(own[:20]))
    if check == "secrets" and findings:
        why = "the lines are read once size and workflow files are in order"
        return CheckRun(check=check, tier="block", outcome="could not run", detail=why)
    return CheckRun(check=check, tier="block", outcome="passed")
