"""The change is about what the issue names: some changed source file has to do with it.

Judged by the repository map of the merge base. In doubt the change is in scope: new files, tests
and documents always are, so is a neighbour of what the issue names, and an issue that names nothing
of the repository says nothing about scope.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from loop.gates.check import PASSED, Change, ChangedText, Check, Found
from loop.languages.naming import parts, stem
from loop.languages.outline import added
from loop.repo_map import Named, Ranking, named, rank
from loop.survey import Survey

_SHOWN = 8
_SHARE = 0.03  # of the best score, from which a file has to do with the issue


def judge(change: Change) -> Found:
    if change.issue is None:
        return Found("could not run", "there is no issue")
    if change.survey is None:
        return Found("could not run", "there is no repository map")
    changed = [file for file in change.files if _counts(file, change)]
    if not changed:
        return Found("waived", "no source file that was there before is changed")
    text = change.issue.text
    ranking = rank(change.survey, text)
    if not _says_enough(ranking):
        return Found("could not run", "the issue names nothing of this repository")
    asked = named(text)
    near = _within_reach(change.survey, ranking)
    paths = [path for file in changed for path in (file.path, file.change.old_path)]
    if any(path in near for path in paths) or any(_touches(file, asked) for file in changed):
        return PASSED
    return Found("failed", _told(ranking, [file.path for file in changed]))


CHECK = Check("scope-overlap", "block", judge)


def _counts(file: ChangedText, change: Change) -> bool:
    """Source that was there before; what is new has no place in the map yet."""
    return file.change.status != "A" and change.kind(file.path) == "source"


def _says_enough(ranking: Ranking) -> bool:
    """One file or name of the repository, or two of its words."""
    return bool(ranking.anchors) or (bool(ranking.own) and len(ranking.words) > 1)


def _within_reach(survey: Survey, ranking: Ranking) -> set[str]:
    """Files of a fair share, and those beside or linked to what the issue names.

    Where it names files or identifiers these are its centre. Words alone are a weak one, so then
    the links of links count too.
    """
    centre = set(ranking.anchors or ranking.own)
    reached = set(centre)
    for _ in range(1 if ranking.anchors else 2):
        reached |= {other for path in reached for other in survey.links.get(path, ())}
    folders = {posixpath.dirname(path) for path in centre} - {""}
    beside = {path for path in survey.paths if posixpath.dirname(path) in folders}
    least = _SHARE * max(ranking.scores.values(), default=0.0)
    fair = {path for path, score in ranking.scores.items() if score >= least}
    return reached | beside | fair


def _touches(file: ChangedText, asked: Named) -> bool:
    """Whether the changed lines, or what they define, name what the issue names."""
    lines = " ".join(line for hunk in file.change.hunks for line in (*hunk.added, *hunk.removed))
    seen = set(parts(lines))
    if any(name in lines for name in asked.identifiers):
        return True
    return len({stem(word) for word in asked.words} & seen) > 1 or _defines(file, asked)


def _defines(file: ChangedText, asked: Named) -> bool:
    if file.new is None or file.new.outline is None:
        return False
    new = added(file.old.outline if file.old else None, file.new.outline)
    return bool({stem(w) for w in asked.words} & {p for d in new for p in parts(d.name)})


def _told(ranking: Ranking, changed: Sequence[str]) -> str:
    wanted = sorted(ranking.anchors) or ranking.order
    return (
        f"The change has nothing to do with what the issue names. It touches {_list(changed)}; "
        f"the issue leads to {_list(wanted)}. Work on what the issue asks for, and take back what "
        "it does not ask for. If this is the right place, let the change show it: the name the "
        "issue uses, or a test that begins where the issue does."
    )


def _list(paths: Iterable[str]) -> str:
    every = list(paths)
    rest = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + rest
