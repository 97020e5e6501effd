"""What a content check objects to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ContentCheck = Literal["secrets", "sizes", "workflows"]


@dataclass(frozen=True)
class ContentFinding:
    """*message* says what, never the secret itself; *line* 0 means the file as a whole."""

    check: ContentCheck
    path: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"
