"""A source file as text and as code, parsed when it is first asked and once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from loop.languages.code import Ranges, ranges_of, significant, without_comments
from loop.languages.grammar import Unreadable, parse
from loop.languages.outline import Definition, Outline, outline_of


@dataclass(frozen=True)
class SourceText:
    """One version of a file. What cannot be parsed has no outline and is all code."""

    path: str
    content: bytes

    @property
    def outline(self) -> Outline | None:
        """None where there is none; `unreadable` says why."""
        return None if isinstance(self._seen, Unreadable) else self._seen[0]

    @property
    def unreadable(self) -> str:
        """Why it cannot be parsed; "" where it was."""
        return self._seen.reason if isinstance(self._seen, Unreadable) else ""

    @property
    def ranges(self) -> Ranges | None:
        return None if isinstance(self._seen, Unreadable) else self._seen[1]

    @cached_property
    def code(self) -> bytes:
        """The text with comments and docstrings blanked, lines and columns kept."""
        return without_comments(self.content, self.ranges) if self.ranges else self.content

    @cached_property
    def lines(self) -> list[bytes]:
        """Those of `code`."""
        return self.code.split(b"\n")

    def lines_of(self, definition: Definition) -> list[bytes]:
        """Its code, line by line."""
        span = definition.lines
        return self.lines[span.start - 1 : span.stop - 1]

    @cached_property
    def significant(self) -> bytes | None:
        """Equal for two versions that do the same; None where nobody can say."""
        if self.ranges is None or self.outline is None:
            return None
        indented = self.outline.language == "python"
        return significant(self.content, self.ranges, indented=indented)

    @cached_property
    def _seen(self) -> tuple[Outline, Ranges] | Unreadable:
        syntax = parse(self.path, self.content)
        if isinstance(syntax, Unreadable):
            return syntax
        return outline_of(syntax, self.path), ranges_of(syntax)
