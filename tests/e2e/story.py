"""A small story for runs that are about something else: two turns to a fix, two to a review."""

from __future__ import annotations

import copy
from typing import Any

from k8s.resources.endpoint import ScriptedRun

REPOSITORY = "acme/answers"
OWNER, PERSON, STRANGER = "acme", "ada", "passerby"
ANSWER = "answer.txt"
FILES = {
    "README.md": "# answers\n\nOne file, one answer.\n",
    ANSWER: "41\n",
    ".foreman/verify.yaml": "language: generic\ncommands:\n  test: grep -qx 42 answer.txt\n",
}
TITLE = "The answer is wrong"
ASK = "The file `answer.txt` must hold the answer 42"
BODY = f"{ASK}, and it holds 41.\n"
SUBJECT = "Hold the right answer"
SUMMARY = "answer.txt holds 42 now"

Reply = dict[str, Any]


def calling(*calls: tuple[str, dict[str, Any]], **more: Any) -> Reply:
    """A reply that calls tools."""
    return {"calls": [{"name": name, "arguments": given} for name, given in calls], **more}


def bash(command: str, **more: Any) -> Reply:
    return calling(("bash", {"command": command}), **more)


FIX = calling(("write_file", {"path": ANSWER, "content": "42\n"}))
HAND_IN = calling(
    (
        "submit_result",
        {
            "verdict": "GO",
            "summary": SUMMARY,
            "commit_message": f"{SUBJECT}\n\nThe file held 41.",
        },
    )
)
LOOK = bash("git diff origin/main...HEAD")
JUDGE = calling(
    (
        "submit_result",
        {
            "verdict": "GO",
            "summary": "The file holds what was asked for.",
            "extra": {
                "reviewOutcome": "APPROVE",
                "issueAsk": ASK,
                "filesTouched": [ANSWER],
                "findings": [],
                "testsAdded": False,
            },
        },
    )
)


def coder(*replies: Reply, kind: str = "issue-fix", **match: Any) -> dict[str, Any]:
    return {"match": {"kind": kind, **match}, "replies": copy.deepcopy(list(replies))}


def reviewer(*replies: Reply) -> dict[str, Any]:
    return coder(*replies, kind="review")


def runs(*wanted: dict[str, Any]) -> list[ScriptedRun]:
    """Scripted runs; without *wanted* the whole story."""
    found = wanted or (coder(FIX, HAND_IN), reviewer(LOOK, JUDGE))
    return [ScriptedRun.model_validate(run) for run in found]
