"""A demo's story: a repository, an issue, people, and what the scripted model answers."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from k8s.resources.endpoint import ScriptedRun

FIRST = "first"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MergeStory(_Part):
    """A person's pull request, merged after the issue was opened."""

    by: str
    branch: str
    message: str
    files: dict[str, str]


class RepositoryStory(_Part):
    name: str
    default_branch: str = "main"
    files: dict[str, str]
    merged: list[MergeStory] = Field(default_factory=list)


class Person(_Part):
    login: str
    permission: Literal["admin", "write", "triage", "read", "none"]


class IssueStory(_Part):
    author: str
    title: str
    body: str


class Names(_Part):
    """Which Agents the scripted runs are for; "": there is none."""

    coder: str
    reviewer: str
    escalation_coder: str = ""
    escalation_reviewer: str = ""


class Ending(_Part):
    """What the script must lead to; anything else fails the demo."""

    phase: Literal["Completed", "Failed"] = "Completed"
    pull_request: Literal["ready", "draft", "none"] = "ready"
    steps: dict[str, str]  # step → verdict, all of them
    checks: dict[str, str] = Field(default_factory=dict)  # check run → conclusion, at the head
    rulings: dict[str, str] = Field(default_factory=dict)  # of the last review: rail → ruling
    gate_attempts: int = 1  # of the coder whose commit is the head
    told: list[str] = Field(default_factory=list)  # in the status comment
    reviewed: list[str] = Field(default_factory=list)  # in the last review


class Scenario(_Part):
    about: str  # one line for people
    repository: RepositoryStory
    people: list[Person]
    issue: IssueStory
    agents: Names
    runs: list[ScriptedRun] = Field(default_factory=list)
    ending: Ending


def names() -> list[str]:
    """The shipped scenarios, the ordinary one first."""
    found = (path.name for path in files("app.demo").joinpath("scenarios").iterdir())
    stems = sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml"))
    return sorted(stems, key=lambda name: name != FIRST)


def load(name: str) -> Scenario:
    """A shipped scenario by name."""
    text = files("app.demo").joinpath("scenarios", f"{name}.yaml").read_text(encoding="utf-8")
    return Scenario.model_validate(yaml.safe_load(text))
