"""What product code does with the fields of our models, read from its syntax.

A receiver's class is inferred where its annotation or the way it was reached tells it; a receiver of
unknown class counts for every model that has such a field.
"""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from tools.wire import Wire

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "k8s", "loop", "tools")
# The server that stores every field alike, the rules on its changes and the list itself: none of
# them gives a field its meaning.
MEANINGLESS = ("k8s.embedded", "k8s.admission", "k8s.unused", "k8s.crds", "app.demo.github")

Model = type[Wire]


@dataclass
class Usage:
    """*reads*: (class, field); *writes*: Python names given by keyword; *strings* by module.

    *unknown_reads*: (room, field). *dumped*: handed on as plain mappings.
    """

    reads: set[tuple[Model, str]] = field(default_factory=set)
    unknown_reads: set[tuple[str, str]] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    strings: dict[str, set[str]] = field(default_factory=dict)
    dumped: set[Model] = field(default_factory=set)

    def is_read(self, model: Model, name: str) -> bool:
        if any((c, name) in self.reads for c in model.__mro__):
            return True
        # Lower rooms cannot have an object of an upper room's class in hand.
        room = ROOMS.index(model.__module__.partition(".")[0])
        return any((upper, name) in self.unknown_reads for upper in ROOMS[: room + 1])


def of_product(models: Iterable[Model]) -> Usage:
    """The usage of *models* outside the modules that declare them."""
    known = {model.__name__: model for model in models}
    declaring = {model.__module__ for model in known.values()}
    usage, members = Usage(), _Members()
    readers = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if module not in declaring and not module.startswith(MEANINGLESS):
                tree = ast.parse(path.read_text(encoding="utf-8"))
                reader = _Reader(usage, members, module)
                reader.declare(tree, known, declaring)
                readers.append((reader, tree))
    for reader, tree in readers:
        reader.visit(tree)
    return usage


def parts(annotation: Any) -> Iterator[Any]:
    """The plain types inside an annotation."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from parts(get_args(annotation)[0])
    elif origin in (Union, UnionType, list, dict):
        for argument in get_args(annotation):
            yield from parts(argument)
    elif origin is Literal or isinstance(annotation, type):
        yield annotation


def model_in(annotation: Any) -> Model | None:
    found = [p for p in parts(annotation) if isinstance(p, type) and issubclass(p, Wire)]
    return found[0] if found else None


class _Other:
    """A receiver that is none of our models."""


Known = type[Any] | None  # None: unknown


class _Members(dict[str, set[Known]]):
    """Names that classes of the product annotate, and the models that their annotations name."""

    def of(self, name: str) -> Known:
        found = self.get(name, {None})
        return next(iter(found)) if len(found) == 1 else None


class _Reader(ast.NodeVisitor):
    def __init__(self, usage: Usage, members: _Members, module: str) -> None:
        self._usage = usage
        self._members = members
        self._room = module.partition(".")[0]
        self._strings = usage.strings.setdefault(module, set())
        self._classes: dict[str, Known] = {}
        self._scopes: list[dict[str, Known]] = [{}]

    def declare(self, tree: ast.Module, models: dict[str, Model], declaring: set[str]) -> None:
        """Learn the names of the module, before any is used."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for name in node.names:
                    ours = node.module in declaring and name.name in models
                    told = models[name.name] if ours else _Other
                    self._classes[name.asname or name.name] = told
            elif isinstance(node, ast.Import):
                self._scopes[0].update((n.asname or n.name, _Other) for n in node.names)
            elif isinstance(node, ast.ClassDef):
                self._classes[node.name] = _Other
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for member in node.body:
                    if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                        known = self._annotated(member.annotation)
                        self._members.setdefault(member.target.id, set()).add(known)

    # scopes

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        scope = {a.arg: self._annotated(a.annotation) for a in every}
        if "self" in scope:
            scope["self"] = _Other
        self._scopes.append(scope)
        self.generic_visit(node)
        self._scopes.pop()

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name):
            self._scopes[-1][node.target.id] = self._annotated(node.annotation)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.generic_visit(node)
        self._bind(node.target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.visit(node.iter)
        self._bind(node.target, node.iter)
        for condition in node.ifs:
            self.visit(condition)

    def visit(self, node: ast.AST) -> None:
        """As the base class does, but the names of a comprehension are bound before their use."""
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            for generator in node.generators:
                self.visit(generator)
        super().visit(node)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._scopes[-1][target.id] = self._class_of(value)
        elif isinstance(target, ast.Tuple):
            values = value.elts if isinstance(value, ast.Tuple) else [ast.Constant(None)]
            if len(values) == len(target.elts):
                for one, its in zip(target.elts, values, strict=True):
                    self._bind(one, its)
            else:
                for one in target.elts:
                    if isinstance(one, ast.Name):
                        self._scopes[-1][one.id] = None

    # classes

    def _annotated(self, node: ast.expr | None) -> Known:
        """The model that an annotation names, inside `| None` and containers too."""
        if node is None:
            return None
        names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
        found = [self._classes[name] for name in names if name in self._classes]
        ours = [c for c in found if c is not None and c is not _Other]
        if ours:
            return ours[0] if len(set(ours)) == 1 else None
        return _Other if found or names else None

    def _class_of(self, node: ast.expr) -> Known:
        match node:
            case ast.Name(id=name):
                return next((s[name] for s in reversed(self._scopes) if name in s), None)
            case ast.Attribute(value=inner, attr=name):
                return self._field_class(self._class_of(inner), name)
            case ast.BoolOp(values=values):
                return next((c for v in values if (c := self._class_of(v)) is not None), None)
            case ast.IfExp(body=body):
                return self._class_of(body)
            case ast.Await(value=inner) | ast.Starred(value=inner) | ast.Subscript(value=inner):
                return self._class_of(inner)
            case ast.Call(func=ast.Name(id=name)) if name in self._classes:
                made = self._classes[name]
                return made if made is not _Other else None  # a function, or a class of its own
            case ast.Call(func=ast.Name(id="sorted" | "list" | "reversed"), args=[first, *_]):
                return self._class_of(first)
            case ast.Call(func=ast.Attribute(value=inner, attr="replace")):
                return self._class_of(inner)
            case ast.Constant() | ast.JoinedStr():
                return _Other
        return None

    def _field_class(self, model: Known, name: str) -> Known:
        if model is None:
            return None
        if model is _Other:
            return self._members.of(name)
        info = model.model_fields.get(name)
        return (model_in(info.annotation) or _Other) if info else None

    # uses

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            return
        receiver = self._class_of(node.value)
        if receiver is None:
            self._usage.unknown_reads.add((self._room, node.attr))
        elif receiver is not _Other:
            self._usage.reads.add((receiver, node.attr))

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("wire", "model_dump"):
            receiver = self._class_of(node.func.value)
            if receiver is not None and receiver is not _Other:
                self._usage.dumped.add(receiver)

    def visit_keyword(self, node: ast.keyword) -> None:
        self.generic_visit(node)
        if node.arg:
            self._usage.writes.add(node.arg)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._strings.add(node.value)


def hints(model: Model) -> dict[str, Any]:
    return typing.get_type_hints(model, include_extras=True)


def own_fields(model: Model) -> Sequence[str]:
    return [name for name in model.model_fields if name in model.__annotations__]
