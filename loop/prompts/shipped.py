"""The shipped system prompts, one Markdown file a role; imports nothing of the house."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Literal

_VARIABLE = re.compile(r"\{([a-z_]+)\}")


def system_prompt(role: Literal["coder", "reviewer"], **variables: str) -> str:
    """The shipped prompt of *role*. Raises `KeyError` where a variable is missing."""
    text = files(__package__).joinpath(f"{role}.md").read_text(encoding="utf-8")
    return fill(text, **variables)


def fill(text: str, **variables: str) -> str:
    """*text* with `{name}` replaced; only lower-case names in braces count as variables."""
    return _VARIABLE.sub(lambda match: variables[match[1]], text)
