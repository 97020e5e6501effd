"""Import statements as values: the module as it is written, and the names taken from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from loop.languages.grammar import Syntax, text_of
from loop.sources import Language

_STRING = re.compile(r"""["'`]([^"'`]+)["'`]""")
_SPACE = re.compile(r"\s+")
_DEPTH = 12  # of braces in braces
_LOADERS = frozenset({"require", "import", "require_relative", "load", "autoload"})


@dataclass(frozen=True)
class Import:
    """One module that a file names.

    *module* is as written: `.cart`, `./cart`, `example.com/shop/cart`, `crate::cart`, `mod cart`,
    `shop.Cart`, `cart.h`, `<vector>`.
    *names* are taken from it; `*` stands for all of them, none for the module itself.
    """

    module: str
    names: tuple[str, ...]
    line: int


def statement(syntax: Syntax, node: Node, *, loader: str = "") -> Iterator[Import]:
    """What one import statement names; *loader* is the function, where the import is a call."""
    line = node.start_point[0] + 1
    if loader and loader not in _LOADERS:
        return
    text = _SPACE.sub(" ", text_of(syntax.content, node)).strip()
    for module, names in _READERS[syntax.language](f"{loader} {text}" if loader else text):
        if module:
            yield Import(module, names, line)


_Read = Iterator[tuple[str, tuple[str, ...]]]


def _python(text: str) -> _Read:
    if match := re.match(r"from ([\w.]+|\. ?[\w.]*) ?import (.+)", text):
        taken = re.sub(r"[()\\]|#.*", " ", match[2])
        yield match[1].replace(" ", ""), _taken(taken.split(","))
    else:
        for part in text.removeprefix("import ").split(","):
            yield part.split(" as ")[0].strip(), ()


def _javascript(text: str) -> _Read:
    sources = _STRING.findall(text)
    if not sources:
        return
    head = text.split(" from ", maxsplit=1)[0] if " from " in text else ""
    braces = re.search(r"\{(.*)\}", head)
    names = _taken(braces[1].split(",")) if braces else ()
    rest = re.sub(r"\{.*\}|^(?:import|export)(?: type)?\b", "", head).replace(",", " ")
    if "*" in rest:
        names = (*names, "*")
    elif own := re.findall(r"[\w$]+", rest):
        names = (*names, "default", *own)
    yield sources[-1], names


def _go(text: str) -> _Read:
    for source in _STRING.findall(text):
        yield source, ("*",) if text.startswith(". ") else ()


def _rust(text: str) -> _Read:
    text = re.sub(r"^pub(?:\([^)]*\))? ", "", text).removesuffix(";").strip()
    if text.startswith("mod "):
        yield text, ()
        return
    for path in _spread(text.removeprefix("use ").replace(" ", "~").replace("~as~", " as ")):
        whole = path.split(" as ")[0].strip("~ ")
        module, _, name = whole.rpartition("::")
        yield (module, (name,)) if module else (whole, ())


def _spread(path: str, depth: int = 0) -> Iterator[str]:
    """`a::{b, c::{d}}` as `a::b` and `a::c::d`."""
    before, brace, rest = path.partition("{")
    if not brace or depth == _DEPTH:
        yield path.replace("~", "")
        return
    open_braces, start = 0, 0
    inner = rest[: rest.rfind("}")] if "}" in rest else rest
    for at, sign in enumerate(f"{inner},"):
        if sign == "," and open_braces == 0:
            if part := inner[start:at].strip("~"):
                yield from _spread(before + part, depth + 1)
            start = at + 1
        open_braces += {"{": 1, "}": -1}.get(sign, 0)


def _java(text: str) -> _Read:
    path = re.sub(r"^import (?:static )?", "", text).rstrip("; ").replace(" ", "")
    yield path, (path.rpartition(".")[2],)


def _c(text: str) -> _Read:
    if match := re.match(r"#\s*include\s*(?:\"([^\"]+)\"|(<[^>]+>))", text):
        yield match[1] or match[2], ("*",)


def _ruby(text: str) -> _Read:
    loader, _, source = text.partition(" ")
    path = source.strip("\"'")
    yield f"./{path}" if loader == "require_relative" else path, ("*",)


def _php(text: str) -> _Read:
    if text.startswith(("require", "include")):
        for source in _STRING.findall(text):
            yield f"./{source.lstrip('/')}", ("*",)
        return
    text = re.sub(r"^use (?:function |const )?", "", text).rstrip("; ")
    for path in _spread(text.replace("\\", "::").replace(" ", "~").replace("~as~", " as ")):
        for part in path.split(","):
            whole = part.split(" as ")[0].strip().replace("::", "\\").lstrip("\\")
            yield whole, (whole.rpartition("\\")[2],)


def _taken(parts: list[str]) -> tuple[str, ...]:
    """The names before any `as`, without `type` and the like."""
    names = (part.split(" as ")[0].strip().removeprefix("type ") for part in parts)
    return tuple(name for name in names if name)


_READERS: Mapping[Language, Callable[[str], _Read]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "c": _c,
    "cpp": _c,
    "ruby": _ruby,
    "php": _php,
}
