"""`.foreman/verify.yaml`: a repository's own word on how it is checked. Pure.

    language: python
    commands: {setup: …, format: …, lint: …, hooks: …, build: …, test: …, codegenCheck: …}
    sourceExtensions: [.py]
    testLayout: {testRoot: checks, sourceRoot: src}

It is read from the merge base, small, without anchors, and every fault names its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import yaml

from loop.gates.errors import ProfileError
from loop.gates.words import LANGUAGES, ORDER, CommandName, Language
from loop.tested import TestLayout

VERIFY_FILE = ".foreman/verify.yaml"

_MAX_BYTES = 64 * 1024
_DEEPEST = 8
_KEYS = ("language", "commands", "sourceExtensions", "testLayout")
_ROOTS = ("testRoot", "sourceRoot")


@dataclass(frozen=True)
class VerifyFile:
    language: Language | None
    commands: Mapping[CommandName, str]
    source_extensions: tuple[str, ...] | None
    test_layout: TestLayout | None = None


def parse_verify(content: bytes) -> VerifyFile:
    """The file's content as values; raises ProfileError."""
    root = _root(content)
    if root is None or root.tag == "tag:yaml.org,2002:null":
        return VerifyFile(None, {}, None)
    fields = dict(_pairs(root, _KEYS))
    language = fields.get("language")
    commands = fields.get("commands")
    extensions = fields.get("sourceExtensions")
    layout = fields.get("testLayout")
    return VerifyFile(
        language=None if language is None else _language(language),
        commands={} if commands is None else _commands(commands),
        source_extensions=None if extensions is None else _extensions(extensions),
        test_layout=None if layout is None else _layout(layout),
    )


def _root(content: bytes) -> yaml.Node | None:
    if len(content) > _MAX_BYTES:
        raise ProfileError(f"{VERIFY_FILE}: {len(content)} bytes, {_MAX_BYTES} are allowed")
    try:
        text = content.decode("utf-8")
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent):
                raise _fault(event.start_mark, "aliases are not taken; write it out")
            if depth > _DEEPEST:
                raise _fault(event.start_mark, "nested too deep; two levels are enough")
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as exc:
        line = content[: exc.start].count(b"\n") + 1
        raise ProfileError(f"{VERIFY_FILE}:{line}: not UTF-8; save it as UTF-8") from exc
    except yaml.MarkedYAMLError as exc:
        raise _fault(exc.problem_mark, f"not YAML: {exc.problem}") from exc
    except (yaml.YAMLError, RecursionError) as exc:
        raise ProfileError(f"{VERIFY_FILE}:1: not YAML: {exc}") from exc


def _pairs(node: yaml.Node, allowed: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _fault(node.start_mark, f"expected a mapping of {', '.join(allowed)}")
    seen: set[str] = set()
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        if name not in allowed:
            raise _fault(key.start_mark, f"{name!r} is no key here; there are {', '.join(allowed)}")
        if name in seen:
            raise _fault(key.start_mark, f"{name!r} is there twice; keep one")
        seen.add(name)
        yield name, value


def _language(node: yaml.Node) -> Language:
    text = _text(node)
    for known in LANGUAGES:
        if text == known:
            return known
    raise _fault(node.start_mark, f"language {text!r} is unknown; there are {', '.join(LANGUAGES)}")


def _commands(node: yaml.Node) -> dict[CommandName, str]:
    given = dict(_pairs(node, ORDER))
    return {name: _text(given[name]) for name in ORDER if name in given}


def _extensions(node: yaml.Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise _fault(node.start_mark, "expected a list of extensions like .py")
    found = []
    for item in node.value:
        text = _text(item)
        if not text.startswith("."):
            raise _fault(item.start_mark, f"{text!r} is no extension; write it with its dot")
        found.append(text)
    return tuple(found)


def _layout(node: yaml.Node) -> TestLayout:
    given = dict(_pairs(node, _ROOTS))
    roots = {name: _text(given[name]).strip("/") for name in _ROOTS if name in given}
    if not roots.get("testRoot"):
        raise _fault(node.start_mark, "testRoot is missing; name the folder of the tests")
    return TestLayout(roots["testRoot"], roots.get("sourceRoot", ""))


def _text(node: yaml.Node) -> str:
    """A string; an empty value is an empty string, a number or a boolean is no command."""
    if isinstance(node, yaml.ScalarNode):
        if node.tag in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:null"):
            return "" if node.tag.endswith("null") else str(node.value)
        raise _fault(node.start_mark, f"{node.value} is not text; put it in quotes")
    raise _fault(node.start_mark, "expected text")


class _Mark(Protocol):
    line: int  # from 0


def _fault(mark: _Mark | None, message: str) -> ProfileError:
    line = mark.line + 1 if mark is not None else 1
    return ProfileError(f"{VERIFY_FILE}:{line}: {message}")
