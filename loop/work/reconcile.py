"""Do slices agree: each name they share stands, whole, in the files of all that speak of it.

No model is involved. The slice that defines a name and those that refer to it must each hold it as
a whole word in one of their own files, on the integrated branch; what is missing is drift.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from loop.evidence import Claims, Record, sealed
from loop.repo.history import History
from loop.repo.union import covers
from loop.work.checkout import CheckoutError, for_judge, tips
from loop.work.job import Done, Job, Part, SharedName, computed, precondition
from loop.work.means import Means
from loop.work.persona import Persona
from tools.result import Result, Verdict

TOOL = "run_reconcile"
_SHOWN = 5  # files of a slice that a line names


async def reconcile(job: Job, _persona: Persona, means: Means) -> Done:
    """GATE-PASS where `job.shared_names` hold on what is on the branch, else the drift."""
    if told := ill_planned(job.parts, job.shared_names):
        return Done(_result("GATE-ERROR", told))
    try:
        found = await tips(job, means.repositories, await means.tokens.read())
        workspace = await for_judge(job, means.repositories, found)
    except CheckoutError as fault:
        return precondition("CloneFailed", str(fault))
    sha = workspace.start.sha
    history = History(means.repositories.git, workspace.control)
    there = await history.paths(sha)
    owned = {part.name: _owned(part, there) for part in job.parts}
    texts = await history.blobs(sha, {path for paths in owned.values() for path in paths})
    drift = [
        line
        for name in job.shared_names
        for line in drifting(name, {part: _texts(owned[part], texts) for part in owned})
    ]
    await means.repositories.workspaces.discard(job.directory, found.mirror)
    result = _judged(job, drift)
    extra = result.extra.replace(branch=job.branch, commit_sha=sha)
    record = Record(
        repository=job.repository,
        base_sha=workspace.start.base_sha,
        head_sha=sha,
        claims=Claims(verdict=result.verdict, summary=result.summary),
    )
    evidence = sealed(record, means.redactor.value).text()
    return Done(result.replace(extra=extra), evidence=evidence)


def ill_planned(parts: Sequence[Part], names: Sequence[SharedName]) -> str:
    """What the plan says that cannot be checked; "" when all can."""
    if not names:
        return "payload.sharedIdentifiers: none is named; there is nothing to reconcile"
    known = {part.name for part in parts}
    for name in names:
        if not name.name.strip() or name.name.endswith("_"):
            return f"payload.sharedIdentifiers: {name.name!r} is no whole word"
        for slice_name in (name.defined_by, *name.referenced_by):
            if slice_name not in known:
                return f"payload.sharedIdentifiers: {name.name} names slice {slice_name!r}, which is not among payload.slices"
    return ""


def drifting(name: SharedName, texts: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Where *name* is missing; *texts* are those of each slice's own files, by path."""
    lines = []
    for slice_name in dict.fromkeys((name.defined_by, *name.referenced_by)):
        own = texts[slice_name]
        if not any(holds(text, name.name) for text in own.values()):
            role = "defines" if slice_name == name.defined_by else "refers to"
            shown = ", ".join(list(own)[:_SHOWN]) or "none of its files is there"
            lines.append(f"{name.name}: {slice_name} {role} it, but does not hold it ({shown})")
    return lines


def holds(text: str, name: str) -> bool:
    """Whether *name* stands in *text* as a whole word; a `-` or `$` of its own is part of words."""
    word = r"\w" + "".join(re.escape(mark) for mark in "-$" if mark in name)
    return re.search(rf"(?<![{word}]){re.escape(name)}(?![{word}])", text) is not None


def _owned(part: Part, paths: frozenset[str]) -> list[str]:
    return sorted(path for path in paths if any(covers(entry, path) for entry in part.files))


def _texts(paths: Sequence[str], contents: Mapping[str, bytes]) -> dict[str, str]:
    return {path: contents[path].decode("utf-8", "replace") for path in paths if path in contents}


def _judged(job: Job, drift: Sequence[str]) -> Result:
    if not drift:
        held = ", ".join(name.name for name in job.shared_names)
        return _result("GATE-PASS", f"all slices hold what they share: {held}")
    agreed = f"The slices agreed on:\n{job.contract}\n\n" if job.contract else ""
    return _result(
        "GATE-FAIL", f"{len(drift)} names drifted: {drift[0]}", agreed + "\n".join(drift)
    )


def _result(verdict: Verdict, summary: str, log: str = "") -> Result:
    return computed(verdict, summary, tool=TOOL, log=log)
