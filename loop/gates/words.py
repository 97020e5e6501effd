"""The names that gates use: commands in the order they run, and languages."""

from __future__ import annotations

from typing import Literal, get_args

CommandName = Literal["setup", "format", "lint", "hooks", "build", "test", "codegenCheck"]
Language = Literal["go", "python", "rust", "node", "generic"]

ORDER: tuple[CommandName, ...] = get_args(CommandName)
LANGUAGES: tuple[Language, ...] = get_args(Language)

# FOREMAN_<NAME>_GATE=0 switches one off; in lower case.
SWITCHES: dict[CommandName, str] = {
    "setup": "setup",
    "format": "format",
    "lint": "lint",
    "hooks": "hooks",
    "build": "build",
    "test": "test",
    "codegenCheck": "codegen_check",
}
