"""The settings page of the documentation, printed from `Settings`: `python -m app.reference`."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from app.settings import Settings

_HEAD = """# Settings

Printed from the code by `make generated`. All are environment variables; the first name is ours,
the others are accepted too. `FOREMAN_<NAME>_GATE=0` switches a gate command or check off: setup,
format, lint, build, test, codegen_check, secrets, sizes, workflows.

| setting | default | meaning |
| --- | --- | --- |
"""


def settings_page() -> str:
    rows = [_row(field) for field in Settings.model_fields.values()]
    return _HEAD + "\n".join(rows) + "\n"


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
