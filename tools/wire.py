"""The root of everything that crosses a wire: camelCase outside, snake_case inside."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

# Kubernetes API conventions write initialisms in capitals unless they open the name:
# https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
_INITIALISMS = frozenset({"gb", "go", "id", "mb", "ram", "sha", "uid", "url"})


def wire_name(name: str) -> str:
    """`base_url` → `baseURL`, `min_ram_gb` → `minRAMGB`, `repo` → `repo`."""
    first, *rest = name.split("_")
    return first + "".join(p.upper() if p in _INITIALISMS else p.capitalize() for p in rest)


class Wire(BaseModel):
    """A value with a wire form. Unknown keys are refused; absent and None are the same."""

    model_config = ConfigDict(
        alias_generator=wire_name,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        ser_json_inf_nan="null",
    )

    def wire(self) -> dict[str, Any]:
        """JSON values under wire names, without what is None."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def replace(self, **changes: Any) -> Self:
        """A copy with *changes* by Python names."""
        return self.model_copy(update=changes)


class OpenWire(Wire):
    """Like `Wire`, but unknown keys are kept: for objects that others extend."""

    model_config = ConfigDict(extra="allow")
