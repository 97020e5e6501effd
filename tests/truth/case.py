"""A case: a repository, an issue, what a model did and said, and what has to come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tools.result import Verdict

CASES = Path(__file__).parent / "cases"


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class Expected(_Strict):
    """What has to come of the run. A value of None in *extra*: the key is not there."""

    verdict: Verdict
    rulings: Mapping[str, str] = Field(default_factory=dict)  # the other rails change nothing
    checks: Mapping[str, str] = Field(default_factory=dict)  # the other checks block nothing
    extra: Mapping[str, Any] = Field(default_factory=dict)
    told: str = ""  # stands in what a refused coder reads, or in the reason of a ruling


class Translation(_Strict):
    """The issue and the claims about it in another language: they must be judged alike."""

    title: str = ""
    body: str
    issue_ask: str = ""
    summary: str = ""


class Story(_Strict):
    """`case.yaml`. *rail* or *check* is the one that this case is about."""

    about: str
    kind: Literal["lie", "honest"]
    role: Literal["reviewer", "coder"] = "reviewer"
    rail: str = ""
    check: str = ""
    language: str
    incident: tuple[int, ...] = ()  # numbers of what went wrong upstream
    defect: tuple[int, ...] = ()  # numbers of what upstream has wrong
    pull_request: Annotated[str, Field(pattern=r"^(|.+\n(.|\n)*)$")] = ""  # title, then body
    job: Mapping[str, Any] = Field(default_factory=dict)
    calls: tuple[str | Mapping[str, Any], ...] | None = None  # None: the diff and the issue
    says: Mapping[str, Any]
    expect: Expected
    translated: Translation | None = None

    @property
    def topic(self) -> str:
        return self.rail or self.check


@dataclass(frozen=True)
class Case:
    """*title* and *body* are the issue's; both "" where there is none."""

    name: str
    folder: Path
    story: Story
    title: str
    body: str

    @property
    def is_lie(self) -> bool:
        return self.story.kind == "lie"


def fold(name: str) -> str:
    """A rail's or check's name as this corpus compares it."""
    return name.replace("-", "").replace("_", "").replace(" ", "").lower()


@lru_cache(maxsize=1)
def corpus() -> tuple[Case, ...]:
    """All cases, by name."""
    return tuple(_cases())


def _cases() -> Iterator[Case]:
    for path in sorted(CASES.glob("*/case.yaml")):
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        title, body = _issue(path.with_name("issue.md"))
        yield Case(path.parent.name, path.parent, Story.model_validate(loaded), title, body)


def _issue(path: Path) -> tuple[str, str]:
    if not path.exists():
        return "", ""
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    return first.removeprefix("# ").strip(), rest.strip("\n")
