"""What a repository's own files say about how it is checked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from loop.gates import presets, python_preset
from loop.gates.facts import Facts
from loop.gates.words import CommandName, Language


@dataclass(frozen=True)
class Detected:
    """*source* names the file that decided."""

    language: Language
    source: str
    commands: Mapping[CommandName, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_Preset = Callable[[Facts], Mapping[CommandName, str]]

# In this order: a Makefile or package.json often stands beside the language that matters.
_MARKS: tuple[tuple[Language, tuple[str, ...]], ...] = (
    ("python", ("pyproject.toml", "setup.cfg", "setup.py", "requirements.txt")),
    ("rust", ("Cargo.toml",)),
    ("go", ("go.mod",)),
    ("node", ("package.json",)),
    ("generic", ("Makefile",)),
)
_PRESETS: dict[Language, _Preset] = {
    "python": python_preset.commands,
    "rust": presets.rust,
    "go": presets.go,
    "node": presets.node,
    "generic": presets.make,
}
_EXTENSIONS: dict[Language, tuple[str, ...]] = {
    "python": (".py", ".pyi"),
    "rust": (".rs",),
    "go": (".go",),
    "node": (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts"),
    "generic": (),
}


def detect(facts: Facts, *, language: Language | None = None) -> Detected:
    """The preset of *language*, or of what the repository seems to be."""
    marks = {lang: next((n for n in names if n in facts.paths), "") for lang, names in _MARKS}
    if not any(marks.values()) and python_preset.looks_like(facts):
        marks["python"] = "*.py"
    chosen = language or _first(marks)
    commands = dict(_PRESETS[chosen](facts))
    if setup := presets.setup(chosen, facts):
        commands["setup"] = setup
    if hooks := presets.hooks(facts):
        commands["hooks"] = hooks
    return Detected(
        language=chosen,
        source=f"{chosen} preset by {marks[chosen] or 'request'}",
        commands=commands,
        extensions=_EXTENSIONS[chosen],
        notes=tuple(_notes(chosen, commands, marks)),
    )


def _first(marks: Mapping[Language, str]) -> Language:
    for language, mark in marks.items():
        if mark:
            return language
    return "generic"


def _notes(
    chosen: Language, commands: Mapping[CommandName, str], marks: Mapping[Language, str]
) -> Iterable[str]:
    if not commands:
        yield "nothing here says how it is checked; add .foreman/verify.yaml with commands"
    elif "test" not in commands:
        yield "no tests found"
    others = [mark for lang, mark in marks.items() if mark and lang not in (chosen, "generic")]
    if others:
        yield f"not covered: {', '.join(others)}; name its commands in .foreman/verify.yaml"
