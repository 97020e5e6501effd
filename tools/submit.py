"""What a model hands in at the end of a run, once its shape was found right."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.result import Extra
from tools.wire import Wire


class Submission(Wire):
    verdict: Literal["GO", "NO-GO", "ERROR"]
    summary: str
    commit_message: str = ""
    extra: Extra = Field(default_factory=Extra)
