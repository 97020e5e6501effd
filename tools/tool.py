"""What a tool is, what it answers, and the set of them that one run may use."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tools.errors import RegistryError, ToolError
from tools.submit import Submission


@dataclass(frozen=True)
class Shown:
    """Lines *start* to *end* of *path*, 1-based and inclusive, that a call showed the model.

    *old*: as the file was before the change.
    """

    path: str
    start: int
    end: int
    old: bool = False


@dataclass(frozen=True)
class ToolResult:
    """*submission* ends the run; *edited* says that the call changed a file of the workspace."""

    output: dict[str, Any] | str
    shown: tuple[Shown, ...] = ()
    submission: Submission | None = None  # None: the run goes on
    edited: bool = False


class Tool(Protocol):
    """One thing a model may do. *parameters* is a JSON schema.

    `call` raises ToolError when the arguments or the world do not fit.
    """

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @property
    def read_only(self) -> bool: ...
    async def call(self, arguments: dict[str, Any]) -> ToolResult: ...


class Registry:
    """The tools of one run: *tools* exist, *allowed* names those that may be called."""

    def __init__(self, tools: Sequence[Tool], allowed: Sequence[str]) -> None:
        self._all = {tool.name: tool for tool in tools}
        for name in allowed:
            if name not in self._all:
                raise RegistryError(
                    f"{name}: no such tool here{_nearest(name, self._all)}; "
                    f"there are {', '.join(self._all)}"
                )
        self._allowed = {name: self._all[name] for name in self._all if name in set(allowed)}

    @property
    def names(self) -> tuple[str, ...]:
        """What may be called, in the order of `schemas`."""
        return tuple(self._allowed)

    def schemas(self) -> list[dict[str, Any]]:
        """OpenAI function schemas; the order does not depend on the allow-list's."""
        return [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.parameters,
                },
            }
            for tool in self._allowed.values()
        ]

    def read_only(self, name: str) -> bool:
        """Whether calls of *name* may run beside others; unknown names change nothing either."""
        tool = self._allowed.get(name)
        return tool is None or tool.read_only

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolResult:
        """Raises ToolError for names that are unknown or not allowed, and for what tools refuse."""
        tool = self._allowed.get(name)
        if tool is not None:
            return await tool.call(arguments)
        there_are = f"the tools are {', '.join(self._allowed) or 'none'}"
        if name in self._all:
            raise ToolError(f"{name}: not allowed in this run; {there_are}")
        raise ToolError(f"{name}: unknown tool{_nearest(name, self._allowed)}; {there_are}")


def _nearest(name: str, names: dict[str, Tool]) -> str:
    folded = name.lower().replace("-", "_")
    close = difflib.get_close_matches(folded, list(names), n=1, cutoff=0.6)
    return f", did you mean {close[0]}" if close else ""
