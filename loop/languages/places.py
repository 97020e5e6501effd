"""Which files of a repository an import means. Pure: paths in, paths out.

Build files are not read: an import that could mean several files means the nearest, and one that
means a library means nothing here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from loop.languages.imports import Import
from loop.sources import Language, language_of

_JS_ENDINGS = (".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json")
_ROOTS = ("", "src/", "lib/", "source/", "python/")


@dataclass(frozen=True)
class Places:
    """The files of a repository. *go_modules* maps a folder (`""` is the root) to its module."""

    paths: frozenset[str]
    go_modules: Mapping[str, str] = field(default_factory=dict)

    def resolve(self, path: str, imported: Import) -> tuple[str, ...]:
        """The files that *imported*, written in *path*, stands for; () where it is a library."""
        language = language_of(path)
        found = self._candidates(language, path, imported) if language else ()
        return tuple(dict.fromkeys(p for p in found if p != path))

    def _candidates(self, language: Language, path: str, imported: Import) -> Iterable[str]:
        match language:
            case "python":
                return self._python(path, imported)
            case "javascript" | "typescript":
                return self._javascript(path, imported.module)
            case "go":
                return self._go(imported.module)
            case "rust":
                return self._rust(path, imported)
            case "java":
                return self._java(imported.module)
            case "c" | "cpp":
                return self._include(path, imported.module)
            case "ruby":
                return self._ruby(path, imported.module)
            case "php":
                return self._php(path, imported.module)

    def _python(self, path: str, imported: Import) -> Iterator[str]:
        dots = len(imported.module) - len(imported.module.lstrip("."))
        tail = imported.module.lstrip(".").replace(".", "/")
        if dots:
            folder = posixpath.dirname(path)
            for _ in range(dots - 1):
                folder = posixpath.dirname(folder)
            starts = [posixpath.join(folder, tail) if tail else folder]
        else:
            starts = [f"{root}{tail}" for root in self._roots(path)]
        for start in starts:
            here = [
                p
                for p in (f"{start}.py", f"{start}/__init__.py", f"{start}.pyi")
                if p in self.paths
            ]
            inner = [
                p
                for name in imported.names
                for p in (f"{start}/{name}.py", f"{start}/{name}/__init__.py")
                if p in self.paths
            ]
            if here or inner:
                yield from (*inner, *here)
                return
        if not dots and "/" in tail:
            yield from self._ending(f"{tail}.py") or self._ending(f"{tail}/__init__.py")

    def _roots(self, path: str) -> Iterator[str]:
        """Where a search for modules may start: the usual roots, then the folders above *path*."""
        yield from _ROOTS
        folder = posixpath.dirname(path)
        while folder:
            yield f"{folder}/"
            yield f"{folder}/src/"
            folder = posixpath.dirname(folder)

    def _javascript(self, path: str, module: str) -> Iterator[str]:
        if module.startswith("."):
            yield from self._script(
                posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
            )
            return
        bare = re.sub(r"^[@~#]/", "", module)
        if bare != module or "/" in module:
            for root in ("", "src/", "app/", "lib/"):
                yield from self._script(f"{root}{bare}")

    def _script(self, start: str) -> Iterator[str]:
        stem = re.sub(r"\.[cm]?jsx?$", "", start)
        names = [start, *(f"{s}{e}" for s in dict.fromkeys((start, stem)) for e in _JS_ENDINGS)]
        names += [f"{start}/index{e}".removeprefix("./") for e in _JS_ENDINGS]
        yield from (name for name in names if name in self.paths)

    def _go(self, module: str) -> Iterator[str]:
        for folder, name in self.go_modules.items():
            if module == name or module.startswith(f"{name}/"):
                package = posixpath.join(folder, module[len(name) + 1 :]).rstrip("/")
                yield from self._package(package, ".go")
                return
        # Without go.mod the longest end of the path that is a folder of Go files, if it has a host.
        parts = module.split("/")
        if "." not in parts[0]:
            return
        for at in range(2, len(parts)):
            if found := self._package("/".join(parts[at:]), ".go"):
                yield from found
                return

    def _rust(self, path: str, imported: Import) -> Iterator[str]:
        folder, name = posixpath.split(path)
        stem = posixpath.splitext(name)[0]
        own = folder if stem in ("mod", "lib", "main") else posixpath.join(folder, stem)
        if imported.module.startswith("mod "):
            yield from self._rust_file(own, [imported.module.removeprefix("mod ")])
            return
        parts = [*imported.module.split("::"), *(n for n in imported.names if n != "*")]
        root = path[: path.rfind("/src/") + 4] if "/src/" in f"/{path}" else ""
        root = root or ("src" if path.startswith("src/") else "")
        match parts[0]:
            case "crate":
                yield from self._rust_file(root, parts[1:]) or self._crate(root)
            case "self":
                yield from self._rust_file(own, parts[1:])
            case "super":
                while parts and parts[0] == "super":
                    own, parts = posixpath.dirname(own), parts[1:]
                yield from self._rust_file(own, parts)
            case _:
                yield from self._rust_crate(path, parts)

    def _rust_crate(self, path: str, parts: list[str]) -> Iterator[str]:
        """A crate of this repository by its folder's name, or the one whose tests *path* is of."""
        name = parts[0].replace("_", "-")
        for folder in (
            f"{name}/src",
            f"crates/{name}/src",
            parts[0] + "/src",
            f"crates/{parts[0]}/src",
        ):
            if self._crate(folder):
                yield from self._rust_file(folder, parts[1:]) or self._crate(folder)
                return
        around = re.match(r"(.*?)(?:^|/)?(?:tests|benches|examples)/", path)
        if around and parts[0] not in ("std", "core", "alloc"):
            src = posixpath.join(around[1], "src")
            yield from self._rust_file(src, parts[1:]) or self._crate(src)

    def _rust_file(self, folder: str, parts: list[str]) -> list[str]:
        """The longest beginning of *parts* that is a module's file below *folder*."""
        for count in range(len(parts), 0, -1):
            start = posixpath.join(folder, *parts[:count])
            for name in (f"{start}.rs", f"{start}/mod.rs"):
                if name in self.paths:
                    return [name]
        return []

    def _crate(self, src: str) -> list[str]:
        names = (posixpath.join(src, name) for name in ("lib.rs", "main.rs"))
        return [name for name in names if name in self.paths]

    def _java(self, module: str) -> Iterator[str]:
        tail = module.replace(".", "/")
        if tail.endswith("/*"):
            for folder in self._folders:
                if f"/{folder}".endswith(f"/{tail[:-2]}"):
                    yield from self._package(folder, ".java")
            tail = tail[:-2]
        while "/" in tail:
            if found := self._ending(f"{tail}.java"):
                yield from found
                return
            tail = posixpath.dirname(tail)  # a nested class or a static member

    def _include(self, path: str, module: str) -> Iterator[str]:
        name = module.strip("<>")
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        if not module.startswith("<") and beside in self.paths:
            yield beside
        elif not module.startswith("<") or "/" in name:
            yield from self._ending(posixpath.normpath(name).lstrip("./"))

    def _ruby(self, path: str, module: str) -> Iterator[str]:
        name = module if module.endswith(".rb") else f"{module}.rb"
        if module.startswith("."):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            yield from (p for p in [beside] if p in self.paths)
        else:
            yield from self._ending(name)

    def _php(self, path: str, module: str) -> Iterator[str]:
        if module.startswith("./"):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
            yield from (p for p in [beside] if p in self.paths)
            return
        parts = module.split("\\")
        for at in range(len(parts)):
            if found := self._ending(f"{'/'.join(parts[at:])}.php"):
                yield from found
                return

    def _ending(self, tail: str) -> list[str]:
        """The files whose path ends with *tail*, nearest to the root first."""
        found = [
            p for p in self._named.get(posixpath.basename(tail), ()) if f"/{p}".endswith(f"/{tail}")
        ]
        return sorted(found, key=lambda p: (p.count("/"), p))

    def _package(self, folder: str, ending: str) -> list[str]:
        return sorted(p for p in self._folders.get(folder, ()) if p.endswith(ending))

    @cached_property
    def _named(self) -> Mapping[str, list[str]]:
        return _grouped(self.paths, posixpath.basename)

    @cached_property
    def _folders(self) -> Mapping[str, list[str]]:
        return _grouped(self.paths, posixpath.dirname)


def _grouped(paths: Iterable[str], key: Callable[[str], str]) -> Mapping[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(key(path), []).append(path)
    return groups


def go_module(content: bytes) -> str:
    """The module that a `go.mod` declares; "" where it declares none."""
    match = re.search(rb"^\s*module\s+\"?([^\s\"]+)", content, re.MULTILINE)
    return match[1].decode("utf-8", "replace") if match else ""
