"""A demo's story: a repository, an issue, people, and what the scripted model answers."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from k8s.resources.endpoint import ScriptedRun


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RepositoryStory(_Part):
    name: str
    default_branch: str = "main"
    files: dict[str, str]


class Person(_Part):
    login: str
    permission: Literal["admin", "write", "triage", "read", "none"]


class IssueStory(_Part):
    author: str
    title: str
    body: str


class Names(_Part):
    """Which Agents the scripted runs are for."""

    coder: str
    reviewer: str


class Scenario(_Part):
    repository: RepositoryStory
    people: list[Person]
    issue: IssueStory
    agents: Names
    runs: list[ScriptedRun] = Field(default_factory=list)


def load(name: str) -> Scenario:
    """A shipped scenario by name."""
    text = files("app.demo").joinpath("scenarios", f"{name}.yaml").read_text(encoding="utf-8")
    return Scenario.model_validate(yaml.safe_load(text))
