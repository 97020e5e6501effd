"""An example in the issue is what the change is measured by: it is put before the reviewer.

Whether the change satisfies it no text can tell; that there is one, and which, can.
"""

from __future__ import annotations

import re

from loop.gates.check import PASSED, Change, Check, Found
from loop.gates.markdown import Fence, fences

_LINES_ABOVE = 5
_EXAMPLE_CHARACTERS = 2048
_SHOWN = 3
_ANNOUNCED = re.compile(
    r"example|repro(?:duc\w*)?\b|steps|expect(?:ed|s)?\b|actual|should (?:be|give|print|return)"
    r"|beispiel|erwartet|exemple|attendu|ejemplo|esperado|esempio|exemplo|пример|例|示例|期待|예",
    re.IGNORECASE,
)


def judge(change: Change) -> Found:
    if change.issue is None:
        return Found("could not run", "there is no issue")
    lines = change.issue.body.replace("\r\n", "\n").split("\n")
    blocks = fences(lines)
    shown = [
        fence
        for fence in blocks
        if fence.text.strip()
        and len(fence.text) <= _EXAMPLE_CHARACTERS
        and _announced(lines, fence, blocks)
    ]
    if not shown:
        return PASSED
    told = "\n".join(_as_it_stands(fence) for fence in shown[:_SHOWN])
    return Found(
        "failed", f"The issue gives an example. Verify that the diff satisfies it:\n{told}"
    )


CHECK = Check("issue-example", "advisory", judge)


def _announced(lines: list[str], fence: Fence, blocks: list[Fence]) -> bool:
    """Whether the words above it, or beside its marks, say what it is; no other block between."""
    above = max((block.last for block in blocks if block.last < fence.first), default=0)
    start = max(above, fence.first - 1 - _LINES_ABOVE)
    return any(
        _ANNOUNCED.search(text[:500]) for text in [*lines[start : fence.first - 1], fence.info]
    )


def _as_it_stands(fence: Fence) -> str:
    """In marks that nothing inside can close."""
    longest = max((len(run) for run in re.findall("`+", fence.text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{fence.language}\n{fence.text}{marks}"
