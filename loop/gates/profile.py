"""How a repository is formatted, linted, built and tested, and who said so. Pure.

Four layers, the strongest first: Agent or Workload, `.github/foreman.yml`, `.foreman/verify.yaml`,
what the repository's own files show. Each may set single commands. Files of the repository are
those of the merge base, so a change cannot loosen the gate that judges it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from loop.gates.detection import detect
from loop.gates.facts import Facts
from loop.gates.verify_file import VERIFY_FILE, parse_verify
from loop.gates.words import LANGUAGES, ORDER, CommandName, Language
from loop.tested import TestLayout
from tools.sandbox.runner import Network


@dataclass(frozen=True)
class Override:
    """One layer. None, and a command that is not there, leave what the layers below say.

    An empty command runs nothing. *network* is what `setup` may reach: the operator's to give.
    """

    source: str
    language: Language | None = None
    commands: Mapping[CommandName, str] = field(default_factory=dict)
    network: Network | None = None
    source_extensions: tuple[str, ...] | None = None
    test_layout: TestLayout | None = None


@dataclass(frozen=True)
class GateProfile:
    """Commands in the order they run; *sources* says for each where it came from."""

    language: Language
    commands: Mapping[CommandName, str]
    sources: Mapping[CommandName, str] = field(default_factory=dict)
    network: Network = "none"
    source_extensions: tuple[str, ...] = ()
    test_layout: TestLayout | None = None  # None: only the habits of the language
    notes: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """For people: the language and who named which commands."""
        origins: dict[str, list[str]] = {}
        for name in self.commands:
            origins.setdefault(self.sources.get(name, "preset"), []).append(name)
        told = "; ".join(f"{', '.join(names)}: {source}" for source, names in origins.items())
        return "; ".join(
            part for part in (f"{self.language} ({told or 'no commands'})", *self.notes)
        )


def resolve(facts: Facts, overrides: Sequence[Override] = ()) -> GateProfile:
    """The profile for a repository; *overrides* are the layers above its verify.yaml.

    Raises ProfileError, naming the line, when verify.yaml is there and malformed.
    """
    layers = list(overrides)
    if VERIFY_FILE in facts.files:
        read = parse_verify(facts.files[VERIFY_FILE])
        layers.append(
            Override(
                VERIFY_FILE,
                language=read.language,
                commands=read.commands,
                source_extensions=read.source_extensions,
                test_layout=read.test_layout,
            )
        )
    language = next((layer.language for layer in layers if layer.language), None)
    withheld: Network = "none"
    network = next((layer.network for layer in layers if layer.network), withheld)
    found = detect(facts, language=language)
    commands: dict[CommandName, str] = {}
    sources: dict[CommandName, str] = {}
    for name in ORDER:
        named = next(((x.commands[name], x.source) for x in layers if name in x.commands), None)
        text, source = named or (found.commands.get(name, ""), found.source)
        if text.strip():
            commands[name], sources[name] = text, source
    extensions = next(
        (x.source_extensions for x in layers if x.source_extensions is not None), None
    )
    return GateProfile(
        language=found.language,
        commands=MappingProxyType(commands),
        sources=MappingProxyType(sources),
        network=network,
        source_extensions=found.extensions if extensions is None else extensions,
        test_layout=next((x.test_layout for x in layers if x.test_layout), None),
        notes=found.notes if any(s == found.source for s in sources.values()) else (),
    )


def gate_override(
    source: str,
    *,
    language: str | None = None,
    commands: Mapping[str, str | None] | None = None,
    network: Network | None = None,
    source_extensions: Sequence[str] = (),
    test_layout: TestLayout | None = None,
) -> Override:
    """A layer from a resource's gate profile: blank fields are unset, an empty command is set."""
    given = commands or {}
    return Override(
        source=source,
        language=next((known for known in LANGUAGES if known == language), None),
        commands={name: text for name in ORDER if (text := given.get(name)) is not None},
        network=network,
        source_extensions=tuple(source_extensions) or None,
        test_layout=test_layout,
    )
