"""What git said about a remote, told apart by what somebody can do about it. Pure."""

from __future__ import annotations

import re

from loop.repo.errors import RemoteFault

# Order matters: the first that matches wins. Texts are git's (LC_ALL=C) and GitHub's.
_FAULTS: tuple[tuple[RemoteFault, re.Pattern[str]], ...] = (
    (
        "workflow",
        re.compile(r"refusing to allow .* (?:create or update workflow|workflows? (?:scope|perm))"),
    ),
    (
        "protected",
        re.compile(
            r"protected branch|GH006|GH013|rule violations?|push declined|pre-receive hook declined"
        ),
    ),
    (
        "non-fast-forward",
        re.compile(
            r"non-fast-forward|fetch first|stale info|incorrect old value|reference already"
        ),
    ),
    ("missing", re.compile(r"couldn't find remote ref|does not match any")),
    (
        "auth",
        re.compile(
            r"Authentication failed|could not read (?:Username|Password)|returned error: 40[13]"
            r"|Permission to \S+ denied|Invalid username or (?:password|token)|Write access .* not"
            r"|account is suspended"
        ),
    ),
    (
        "missing",
        re.compile(
            r"[Rr]epository .*not found|returned error: 404|does not appear to be a git repository"
        ),
    ),
    (
        "unreachable",
        re.compile(
            r"Could not resolve host|Failed to connect|Connection (?:refused|reset|timed out)"
            r"|Operation timed out|Operation too slow|SSL|early EOF|RPC failed|hung up unexpectedly"
            r"|returned error: (?:429|5\d\d)|Empty reply|Couldn't connect|transfer closed"
        ),
    ),
)

_REMEDIES: dict[RemoteFault, str] = {
    "workflow": "grant the App the `workflows` permission, or leave .github/workflows alone",
    "protected": "a branch rule refused it; let the App push to foreman/ branches",
    "non-fast-forward": "the branch moved; allow overwriting, or run again from its new head",
    "auth": "the token was refused; it needs contents: write on this repository",
    "missing": "not found with this token; check its name and where the App is installed",
    "unreachable": "the host did not answer properly; it will be tried again",
    "other": "see what git said",
}


def remote_fault(said: str) -> RemoteFault:
    """The fault that git's and the server's words point to."""
    return next((fault for fault, pattern in _FAULTS if pattern.search(said)), "other")


def remedy(fault: RemoteFault) -> str:
    return _REMEDIES[fault]


def last_lines(said: str, *, secrets: tuple[str, ...] = (), count: int = 12) -> str:
    """The end of what git said: progress dropped, *secrets* and credentials in URLs blotted out."""
    for secret in secrets:
        if len(secret) >= 6:  # a shorter one is no token, and blots out words
            said = said.replace(secret, "[redacted]")
    said = re.sub(r"(https?://[^\s:/@]+):[^\s@/]+@", r"\1:[redacted]@", said)
    lines = [line.rpartition("\r")[2].rstrip() for line in said.split("\n")]
    return "\n".join([line for line in lines if line][-count:])
