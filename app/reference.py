"""The settings page of the documentation, printed from `Settings`: `python -m app.reference`."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from app.settings import Settings
from loop.gates.check import switch_of
from loop.gates.checks.order import CHECKS, COMMAND_CHECKS
from loop.gates.finding import ContentCheck
from loop.gates.words import SWITCHES

_HEAD = """# Settings

Printed from the code by `make generated`. All are environment variables; the first name is ours,
the others are accepted too. `FOREMAN_<NAME>_GATE=0` switches a gate command or check off:
{switches}.

| setting | default | meaning |
| --- | --- | --- |
"""


def settings_page() -> str:
    rows = [_row(field) for field in Settings.model_fields.values()]
    head = _HEAD.format(switches=", ".join(f"`{name.upper()}`" for name in _switches()))
    return head + "\n".join(rows) + "\n"


def _switches() -> list[str]:
    asked = [*(check.name for check in CHECKS), *(check.name for check in COMMAND_CHECKS)]
    return [*SWITCHES.values(), *get_args(ContentCheck), *map(switch_of, asked)]


def _row(field: FieldInfo) -> str:
    alias = field.validation_alias
    assert isinstance(alias, AliasChoices), "every setting names its variables"
    names = ", ".join(f"`{name}`" for name in alias.choices)
    meaning = " ".join((field.description or "").split())
    return f"| {names} | {_default(field.default)} | {meaning} |"


def _default(value: object) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "" if plain in ("", None) else f"`{plain}`"


if __name__ == "__main__":
    Path("docs/settings.md").write_text(settings_page(), encoding="utf-8")
