"""Numbers with units that a change adds to documents have a proof: `path:line` at the merge base.

The proof is a file as it was before the change, so nobody proves a number by writing it down. What
stood in the documents before and was only moved, and what the issue itself asks for, needs none.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from loop.gates.change import cited_place
from loop.gates.check import PASSED, Change, ChangedText, Check, Found, lines_of
from loop.gates.claims import Amount, Claim, amounts, claims, may_claim, spells
from loop.sources import kind_of
from tools.result import Unverified

NAME = "claim-evidence"

_NEAR = 2  # lines around the one that is cited
_SHOWN = 10
_PROOFS = 200
_FACTS = 50  # that a person is asked to find out
_NO_DOCUMENT = ("cmakelists.txt", "license", "license.md", "license.txt")

_REMEDY = (
    "Prove each in extra.evidence: claim, and source as path:line of a file as it was before this"
    " change, where the same number, unit and name stand. What you wrote yourself proves nothing."
    " A number that nothing proves is taken out."
)


@dataclass(frozen=True)
class _Known:
    """A few lines that were there before the change, and the amounts on them."""

    amounts: frozenset[Amount]
    lines: tuple[str, ...]

    def shows(self, claim: Claim) -> bool:
        """The same amount, and one of the claim's names where it has any."""
        said = claim.amount in self.amounts or any(
            claim.number in amounts(line) and spells(line, claim.unit) for line in self.lines
        )
        return said and (not claim.subjects or _name_one(claim.subjects, self.lines))


def judge(change: Change) -> Found:
    documents = [file for file in change.files if _is_document(file)]
    unread = [file.path for file in documents if file.after is None]
    asked = _asked(change)
    stated = [(file, claim) for file in documents for claim in _added(file)]
    stated = [(file, claim) for file, claim in stated if claim.amount not in asked]
    if stated:
        known = [*_gone(documents), *_proofs(change)]
        stated = [(f, c) for f, c in stated if not any(lines.shows(c) for lines in known)]
    if stated:
        told = [f"{file.path}:{c.line}: {c.text}{_of(c)}: no proof" for file, c in stated]
        shown = [*told[:_SHOWN], *list(_useless(change))[:_SHOWN], _REMEDY]
        return Found(
            "failed", "\n".join(shown), tuple(_unverified(f, c) for f, c in stated[:_FACTS])
        )
    if unread:
        return Found("could not run", f"too large or no text: {', '.join(unread[:5])}")
    return PASSED


CHECK = Check(NAME, "block", judge)


def _is_document(file: ChangedText) -> bool:
    name = posixpath.basename(file.path).lower()
    gone = file.change.status == "D" or file.change.is_submodule
    return not gone and kind_of(file.path) == "docs" and name not in _NO_DOCUMENT


def _added(file: ChangedText) -> list[Claim]:
    lines = {number for number, text in file.change.added() if may_claim(text)}
    if not lines:
        return []
    return [claim for claim in claims(file.new_lines) if claim.line in lines]


def _asked(change: Change) -> set[Amount]:
    """What the issue says, as of the trigger: a coder cannot write there."""
    if change.issue is None:
        return set()
    lines = [change.issue.title, *change.issue.body.splitlines()]
    return {claim.amount for claim in claims(lines, all_fences=True)}


def _gone(documents: Sequence[ChangedText]) -> Iterator[_Known]:
    """Passages of documents that the change takes out or writes anew."""
    for file in documents:
        said = claims(file.old_lines)
        for hunk in file.change.hunks:
            lines = range(hunk.old_start, hunk.old_start + hunk.old_count)
            found = frozenset(claim.amount for claim in said if claim.line in lines)
            if found:
                yield _Known(found, hunk.removed)


def _proofs(change: Change) -> Iterator[_Known]:
    """What stands where the evidence says, two lines around."""
    said = {path: lines_of(content) for path, content in change.cited.items()}
    found = {path: claims(lines, all_fences=True) for path, lines in said.items()}
    for proof in change.evidence[:_PROOFS]:
        place = cited_place(proof.source)
        if place is None or place[0] not in said:
            continue
        path, at = place
        near = range(max(1, at - _NEAR), at + _NEAR + 1)
        there = frozenset(claim.amount for claim in found[path] if claim.line in near)
        yield _Known(there, tuple(said[path][near.start - 1 : near.stop - 1]))


def _name_one(names: Collection[str], lines: Sequence[str]) -> bool:
    text = "\n".join(lines).casefold()
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names)


def _useless(change: Change) -> Iterator[str]:
    """Why a proof that was given proves nothing, where its source alone tells."""
    for proof in change.evidence:
        place = cited_place(proof.source)
        if place is None:
            yield f"evidence {proof.source!r}: not of the form path:line"
        elif place[0] not in change.cited:
            yield f"evidence {proof.source!r}: no such file at the merge base"


def _of(claim: Claim) -> str:
    return f" ({', '.join(sorted(claim.subjects)[:4])})" if claim.subjects else ""


def _unverified(file: ChangedText, claim: Claim) -> Unverified:
    line = file.new_lines[claim.line - 1].strip()
    return Unverified(
        fact=f"{claim.text}: {line[:200]}",
        why_it_matters=f"{file.path}:{claim.line} states it, and nothing before the change did",
        how_to_verify="measure it, or name where it was measured",
    )
