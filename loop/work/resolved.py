"""ALREADY-RESOLVED is believed only where git shows what did it: there, merged, about the issue.

A coder names a commit, a branch or a merged pull request. Believed is a commit in the history of
today's base that mentions the issue, itself or by the merge that brought it; a branch counts by its
head, a pull request by the commit that its merge left behind. What was reverted since resolves nothing.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from loop.repo.errors import CloneFailed, GitError, RefError
from loop.repo.git import Git
from loop.repo.history import CommitSeen, History
from loop.repo.mirror import Mirror
from loop.repo.refs import head, is_branch
from loop.repo.remote import Remote
from tools.result import Result, Ruling, Unverified

RAIL = "alreadyResolved"

_COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])", re.IGNORECASE)
_PULL = re.compile(r"(?:#|\bpulls?/|\bPRs?\s*#?|\bpull request\s*#?)(\d{1,9})\b", re.IGNORECASE)
_NUMBER = re.compile(r" \(#\d+\)$")
_WORD = re.compile(r"[^\s`'\",;()<>]+")
_CANDIDATES = 8  # of one kind that a claim may name
_MERGED = 50  # commits of one merge that are read
_SHOWN = 200


@dataclass(frozen=True)
class Base:
    """Where the proof has to be found: the history of *sha*, the fresh head of branch *name*."""

    mirror: Mirror
    remote: Remote
    name: str
    sha: str


async def resolution(git: Git, base: Base, *, claim: str, issue: int | None) -> Ruling:
    """What *claim* is worth; `kept`, with the full SHA in *found*, is the only belief."""
    history = History(git, base.mirror.path)
    seen: list[str] = []
    try:
        async for sha, told in _candidates(git, base, claim, issue):
            commit = await history.commit(sha)
            if not await history.is_ancestor(sha, base.sha):
                seen.append(f"{told} is not in the history of {base.name}")
            elif issue is None or not await _about(git, base, history, commit, issue):
                seen.append(f"{told} does not mention {f'#{issue}' if issue else 'an issue'}")
            elif undone := await _undone(git, base, history, commit):
                seen.append(f"{told} was reverted by {undone[:12]}")
            else:
                return Ruling(rail=RAIL, ruling="kept", claimed=claim[:_SHOWN], found=sha)
    except (GitError, RefError, CloneFailed) as fault:
        return _ruling(claim, "could not run", reason=f"git could not be asked: {fault}")
    reason = "; ".join(seen[:3]) or f"no commit, branch or pull request of {base.name} by that name"
    return _ruling(claim, "overridden", reason=reason)


def judged(result: Result, ruling: Ruling, issue: int | None) -> Result:
    """*result* of a coder who says ALREADY-RESOLVED, after the ruling; the claim is kept."""
    claim = result.extra.resolved_by or ""
    if ruling.ruling == "kept":
        extra = result.extra.replace(
            resolved_by=ruling.found,
            resolved_by_claimed=None if claim == ruling.found else claim,
            rulings=[ruling],
        )
        return result.replace(extra=extra)
    asked = Unverified(
        fact=f"issue #{issue} is already resolved" if issue else "it is already resolved",
        why_it_matters=f"the coder names {claim[:_SHOWN]!r}, but {ruling.reason}",
        how_to_verify="look for the change yourself; close the issue, or have the task tried again",
    )
    extra = result.extra.replace(
        outcome="NEEDS-VERIFICATION",
        reason="ResolutionNotFound",
        resolved_by=None,
        resolved_by_claimed=claim,
        unverified=[*(result.extra.unverified or ()), asked],
        rulings=[ruling],
    )
    return result.replace(extra=extra)


def mentions(text: str, issue: int) -> bool:
    """Whether *text* names the issue as GitHub would link it."""
    return bool(re.search(rf"(?:#|\bGH-|/issues/){issue}(?!\d)", text, re.IGNORECASE))


def _ruling(claim: str, ruling: str, *, reason: str) -> Ruling:
    return Ruling.model_validate(
        {"rail": RAIL, "ruling": ruling, "claimed": claim[:_SHOWN], "reason": reason}
    )


async def _candidates(
    git: Git, base: Base, claim: str, issue: int | None
) -> AsyncIterator[tuple[str, str]]:
    """The commits that *claim* may mean, each with how to call it."""
    where = base.mirror.where
    for word in dict.fromkeys(_COMMIT.findall(claim)[:_CANDIDATES]):
        name = f"{word.lower()}^{{commit}}"
        output = await git.run(
            "rev-parse",
            "--quiet",
            "--verify",
            "--end-of-options",
            name,
            where=where,
            accept=(0, 1, 128),
        )
        if output.exit_code == 0:
            yield output.text, f"commit {word[:12]}"
    for number in dict.fromkeys(_PULL.findall(claim)[:_CANDIDATES]):
        if int(number) != issue:
            for sha in await _merges_of(git, base, int(number)):
                yield sha, f"pull request #{number}"
    for name, sha in (await _branches(base, claim)).items():
        yield sha, f"branch {name}"


async def _merges_of(git: Git, base: Base, number: int) -> list[str]:
    """Commits of the base whose subject says that they merged pull request *number*."""
    text = await git.text(
        "log",
        "-E",
        "-n5",
        "--format=%H",
        f"--grep=^Merge pull request #{number} |\\(#{number}\\)$",
        base.sha,
        where=base.mirror.where,
    )
    return text.split()


async def _branches(base: Base, claim: str) -> dict[str, str]:
    """The branches of the remote that *claim* names, by name."""
    words = (word.removeprefix("origin/").rstrip(".:") for word in _WORD.findall(claim))
    names = [word for word in dict.fromkeys(words) if is_branch(word) and word != base.name]
    names = names[:_CANDIDATES]
    if not names:
        return {}
    refs = {head(name): name for name in names}
    found = await base.mirror.refresh(base.remote, [head(base.name)], optional=list(refs))
    return {refs[ref]: sha for ref, sha in found.items() if ref in refs}


async def _about(git: Git, base: Base, history: History, commit: CommitSeen, issue: int) -> bool:
    """Whether the commit mentions *issue*, or the merge that brought it, or what it merged."""
    if mentions(commit.message, issue):
        return True
    where = base.mirror.where
    told = ["log", "--format=%B", "--end-of-options"]
    if len(commit.parents) > 1:
        brought = f"{commit.parents[0]}..{commit.sha}"
        return mentions(
            await git.text(told[0], f"-n{_MERGED}", *told[1:], brought, where=where), issue
        )
    path = ("rev-list", "--ancestry-path", "--merges", "--first-parent", "--reverse")
    merges = (await git.text(*path, f"{commit.sha}..{base.sha}", where=where)).split()
    return bool(merges) and mentions((await history.commit(merges[0])).message, issue)


async def _undone(git: Git, base: Base, history: History, commit: CommitSeen) -> str:
    """The commit of the base that reverted *commit* for good; "" where none did."""
    own, subject = f"This reverts commit {commit.sha}", _NUMBER.sub("", commit.subject)
    wanted = [f"--grep={text}" for text in (own, f'Revert "{subject}"')]
    told = ["log", "-F", f"-n{_MERGED}", "--format=%H", *wanted, "--end-of-options"]
    found = await git.text(*told, f"{commit.sha}..{base.sha}", where=base.mirror.where)
    for sha in found.split():
        later = await history.commit(sha)
        is_one = own in later.message or later.subject.startswith(f'Revert "{subject}"')
        if is_one and not await _undone(git, base, history, later):
            return sha
    return ""
