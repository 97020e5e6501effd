"""`submit_result`: the call that ends a run."""

from __future__ import annotations

from typing import Any

from tools.errors import ToolError
from tools.submit import Role, hand_in_schema, submission
from tools.tool import ToolResult

_REFUSALS_BEFORE_FORGIVING = 2


class SubmitResult:
    """Refuses a wrong shape twice; then findings keep what of them can be read."""

    name = "submit_result"
    description = "Hand in the result and end the run. Call it once, when nothing is left to do."
    read_only = False

    def __init__(self, role: Role) -> None:
        self._role = role
        self._refused = 0
        self.parameters = hand_in_schema(role)

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        forgiving = self._refused >= _REFUSALS_BEFORE_FORGIVING
        try:
            handed = submission(self._role, arguments, forgiving=forgiving)
        except ToolError:
            self._refused += 1
            raise
        return ToolResult({"accepted": True, "verdict": handed.verdict}, submission=handed)
