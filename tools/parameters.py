"""Arguments of tools: their JSON schema as models read it, and what is wrong with a call."""

from __future__ import annotations

import difflib
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.errors import ToolError

M = TypeVar("M", bound=BaseModel)
_MOST_FAULTS = 8


class Parameters(BaseModel):
    """The arguments of one tool; unknown ones are refused, numbers in strings are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of *model* without references, titles and nulls.

    Small models copy what they see, and several servers' grammars know no `$ref`.
    """
    whole = model.model_json_schema(by_alias=True)
    plain = _plain(whole, whole.get("$defs", {}))
    assert isinstance(plain, dict)
    plain.pop("$defs", None)
    return plain


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[-1]]
        rest = {k: v for k, v in node.items() if k != "$ref"}
        return _plain({**target, **rest}, definitions)
    if "anyOf" in node:
        choices = [c for c in node["anyOf"] if c != {"type": "null"}]
        if len(choices) == 1:
            rest = {k: v for k, v in node.items() if k != "anyOf"}
            return _plain({**choices[0], **rest}, definitions)
    return {
        key: (
            {name: _plain(value, definitions) for name, value in item.items()}
            if key == "properties"
            else _plain(item, definitions)
        )
        for key, item in node.items()
        if not (key in {"title", "$defs"} or (key == "default" and item is None))
    }


def parse(model: type[M], arguments: object) -> M:
    """*arguments* as *model*. Raises ToolError that names each fault and what would be right."""
    try:
        return model.model_validate(arguments)
    except ValidationError as exc:
        raise ToolError(explained(exc, schema(model))) from exc


def explained(error: ValidationError, shape: dict[str, Any]) -> str:
    """Each fault with its place, in the words of *shape*, the schema that the model was shown."""
    faults = error.errors(include_url=False)
    lines = [_fault(dict(fault), shape) for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        lines.append(f"and {len(faults) - _MOST_FAULTS} more")
    return "; ".join(lines)


def _fault(fault: dict[str, Any], shape: dict[str, Any]) -> str:
    location = tuple(fault["loc"])
    place = _place(location) or "arguments"
    match fault["type"]:
        case "missing":
            return f"{place}: missing"
        case "extra_forbidden":
            known = list(_at(location[:-1], shape).get("properties", {}))
            near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.6)
            hint = f", did you mean {near[0]}" if near else ""
            return f"{place}: unknown{hint}; there are {', '.join(known)}"
        case "literal_error":
            return f"{place}: {_shown(fault['input'])} is not {fault['ctx']['expected']}"
        case "value_error":
            return f"{place}: {fault['ctx']['error']}"
        case _:
            said = str(fault["msg"]).removeprefix("Input ").removeprefix("should ")
            return f"{place}: should {said}, got {_shown(fault['input'])}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _place(location: tuple[int | str, ...]) -> str:
    place = ""
    for part in location:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place


def _at(location: tuple[int | str, ...], shape: dict[str, Any]) -> dict[str, Any]:
    for part in location:
        below = (
            shape.get("items") if isinstance(part, int) else shape.get("properties", {}).get(part)
        )
        if not isinstance(below, dict):
            return {}
        shape = below
    return shape
