"""Whether a review leaves its seat open: the change was not found wanting, the reviewer was. Pure."""

from __future__ import annotations

from tools.result import Extra, Verdict

NEVER_LOOKED = "neverLooked"
ISSUE_ASK_ENFORCED = "issueAskEnforced"
_NAMED = 10  # files in a reason; all of them are in `unseenFiles`


def open_seat(verdict: Verdict, extra: Extra) -> str:
    """Why this review has to be made again, for people; "" where it stands."""
    if verdict == "INCOMPLETE" and extra.outcome == "UNGROUNDED":
        return "no blocking finding points at the change"
    demoted = {r.rail for r in extra.rulings or () if r.ruling == "demoted"}
    if verdict == "INCOMPLETE" and NEVER_LOOKED in demoted:
        return f"the reviewer was not shown {_listed(extra.unseen_files or [])}"
    if verdict == "NO-GO" and demoted == {ISSUE_ASK_ENFORCED}:
        return "the reviewer does not say what the issue asks for"
    return ""


def _listed(files: list[str]) -> str:
    shown = ", ".join(files[:_NAMED])
    more = len(files) - _NAMED
    return (f"{shown} and {more} more" if more > 0 else shown) or "the change"
