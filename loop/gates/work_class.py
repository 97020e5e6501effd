"""What class of work a change is, by its files, and whether a person has to agree to it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from loop.repo.diff import FileChange
from loop.sources import Kind, kind_of
from tools.result import WorkClass

DOMINANT = 0.7  # of the changed lines

# Tests belong to the code they are about; what nobody knows counts as code.
_CLASSES: Mapping[Kind, WorkClass] = {
    "source": "code-fix",
    "test": "code-fix",
    "other": "code-fix",
    "docs": "docs",
    "packaging": "packaging",
    "config": "config",
    "ci": "ci-policy",
    "release": "release-policy",
}
_POLICY: tuple[WorkClass, ...] = ("ci-policy", "release-policy")


@dataclass(frozen=True)
class ChangeClass:
    """*name* is None for an empty change; *parts* are all classes in it, the largest first."""

    name: WorkClass | Literal["mixed"] | None
    parts: tuple[WorkClass, ...] = ()


def change_class(files: Iterable[FileChange], extensions: Sequence[str] = ()) -> ChangeClass:
    """The class of at least 70 % of the changed lines, else `mixed`.

    Both names of a renamed file count. A file without lines (binary, mode, pure rename) weighs one.
    """
    weights: Counter[WorkClass] = Counter()
    for file in files:
        weight = max(1, file.added_lines + file.removed_lines)
        sides = (_CLASSES[kind_of(path, extensions)] for path in (file.path, file.old_path))
        for name in dict.fromkeys(sides):
            weights[name] += weight
    if not weights:
        return ChangeClass(None)
    parts = tuple(name for name, _ in weights.most_common())
    dominant = weights[parts[0]] >= DOMINANT * weights.total()
    return ChangeClass(parts[0] if dominant else "mixed", parts)


def needs_human(change: ChangeClass, self_go: Collection[WorkClass] | None) -> str:
    """Why a GO for *change* waits for a person; "" when it does not. *self_go* None allows all.

    A mixed change needs each of its parts allowed. Policy of CI and releases counts however little
    of it there is: one line of it under a large fix is the line that matters.
    """
    if self_go is None:
        return ""
    asked = change.parts if change.name == "mixed" else change.parts[:1]
    asked += tuple(part for part in change.parts if part in _POLICY and part not in asked)
    refused = [part for part in asked if part not in self_go]
    if not refused:
        return ""
    what = f"{change.name} ({', '.join(change.parts)})" if len(change.parts) > 1 else refused[0]
    allowed = ", ".join(self_go) or "none"
    return (
        f"work class {what}: {', '.join(refused)} is not among those that need no human"
        f" ({allowed}); approve it, or add it to verdictPolicy.selfGO"
    )
