"""Every declared field and value is used by product code, or on one of the two lists."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

import k8s.resources
from k8s import meta, unused
from k8s.meta import LocalRef, Resource
from k8s.resources import core
from k8s.resources.agent import Agent, AgentSpec, Approvals, Mcp, McpServer
from k8s.resources.endpoint import EndpointSpec, ModelEndpoint
from k8s.resources.kinds import KINDS
from k8s.resources.task import AgenticTask, ObjectRef, Payload, TaskSpec
from k8s.resources.workload import PipelineStep, Workload, WorkloadSpec
from k8s.unused import ACCEPTED_UNUSED, WAITING
from tests.k8s import usage
from tests.k8s.usage import Model, Usage
from tools import result
from tools.wire import Wire

ROADMAP = Path(__file__).parents[2] / "docs" / "roadmap.md"
# What people and controllers order: writing such a field is not using it.
ORDERS = {"Agent", "AgenticTask", "ModelEndpoint", "ModelProfile", "Workload"}
KUBERNETES = {c for c in vars(core).values() if isinstance(c, type) and issubclass(c, Resource)}
LISTED = {
    kind: {**ACCEPTED_UNUSED.get(kind, {}), **WAITING.get(kind, {})}
    for kind in {*ACCEPTED_UNUSED, *WAITING}
}


class Place:
    """One field of one model at one path of one kind."""

    def __init__(self, kind: str, path: str, model: Model, name: str) -> None:
        self.kind = kind
        self.path = path
        self.model = model
        self.name = name

    def __str__(self) -> str:
        return f"{self.kind}.{self.path} ({self.model.__name__}.{self.name})"

    @property
    def words(self) -> set[str]:
        return {self.name, str(self.model.model_fields[self.name].alias)}

    def values(self) -> list[str]:
        """The closed set's values but the default, which is written by leaving it."""
        annotation = usage.hints(self.model)[self.name]
        closed = [part for part in usage.parts(annotation) if get_origin(part) is Literal]
        default = self.model.model_fields[self.name].default
        return [v for part in closed for v in get_args(part) if v != default]


def places(kind: type[Resource]) -> Iterator[Place]:
    for half in ("spec", "status"):
        if half in kind.model_fields:
            inner = usage.model_in(usage.hints(kind)[half])
            assert inner is not None
            yield from _below(kind.KIND, half, inner)


def _below(kind: str, path: str, model: Model) -> Iterator[Place]:
    for name, annotation in usage.hints(model).items():
        if name not in model.model_fields:
            continue
        many = any(get_origin(part) is list for part in _unions(annotation))
        here = f"{path}.{model.model_fields[name].alias}" + ("[]" if many else "")
        yield Place(kind, here, model, name)
        if inner := usage.model_in(annotation):
            yield from _below(kind, here, inner)


def _unions(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        if get_origin(annotation) is not list:
            yield from _unions(argument)


PLACES = [place for kind in KINDS for place in places(kind)]


def models() -> list[Model]:
    modules = [meta, result] + [
        importlib.import_module(f"k8s.resources.{found.name}")
        for found in pkgutil.iter_modules(k8s.resources.__path__)
    ]
    return [
        declared
        for module in modules
        for declared in vars(module).values()
        if isinstance(declared, type)
        and issubclass(declared, Wire)
        and declared.__module__ == module.__name__
    ]


@pytest.fixture(scope="module")
def seen() -> Usage:
    return usage.of_product(models())


def used(place: Place, seen: Usage) -> bool:
    if seen.is_read(place.model, place.name):
        return True
    order = place.kind in ORDERS and place.path.startswith("spec")
    if order:  # lower rooms are given mappings, and read them by the wire's words
        lower = [w for module, w in seen.strings.items() if module.startswith(("loop", "tools"))]
        return place.model in seen.dumped and any(place.words & words for words in lower)
    return place.name in seen.writes or any(place.words & w for w in seen.strings.values())


def listed(place: Place) -> bool:
    """On a list itself, or below a path that is."""
    bare = place.path.removesuffix("[]")
    return any(
        bare == path or bare.startswith((f"{path}.", f"{path}[]."))
        for path in LISTED.get(place.kind, {})
    )


def test_every_field_is_used_or_listed(seen: Usage) -> None:
    idle = [str(p) for p in PLACES if not listed(p) and not used(p, seen)]

    assert idle == [], "read it, delete it, or put it on a list of k8s/unused.py"


def test_every_listed_field_is_idle(seen: Usage) -> None:
    """A list only shrinks: whoever reads a field takes it off."""
    by_path = {(p.kind, p.path.removesuffix("[]")): p for p in PLACES}
    fields = [(kind, path) for kind, paths in LISTED.items() for path in paths if "=" not in path]
    known = [key for key in fields if key[0] in ORDERS | {"FleetNode"}]

    assert [key for key in known if key not in by_path] == []
    assert [str(by_path[key]) for key in known if used(by_path[key], seen)] == []


def test_every_value_is_used_or_listed(seen: Usage) -> None:
    words = set().union(*seen.strings.values())
    idle = [
        f"{place.kind}.{place.path}={value}"
        for place in PLACES
        for value in place.values()
        if not listed(place) and value not in words and not _value_listed(place, value)
    ]

    assert idle == [], "write it, delete it, or put it on a list of k8s/unused.py"


def _value_listed(place: Place, value: str) -> bool:
    paths = LISTED.get(place.kind, {})
    return f"{place.path}={value}" in paths or f"{place.path}=*" in paths


def test_every_listed_value_is_idle(seen: Usage) -> None:
    words = set().union(*seen.strings.values())
    declared = {(p.kind, p.path): set(p.values()) for p in PLACES}
    for kind, paths in LISTED.items():
        for path in paths:
            if "=" not in path:
                continue
            field, _, value = path.partition("=")
            values = declared[kind, field] if value == "*" else {value}
            assert values <= declared[kind, field], f"{kind}.{path}: no such value"
            assert values - words, f"{kind}.{path}: product code writes it; take it off the list"


def test_every_kind_of_kubernetes_is_used(seen: Usage) -> None:
    product = [
        path.read_text() for room in usage.ROOMS for path in (usage.ROOT / room).rglob("*.py")
    ]
    importing = re.compile(r"from k8s\.resources\.core import (?:\([^)]*\)|[^\n]*)")
    imported = {
        word
        for text in product
        for found in importing.findall(text)
        for word in re.findall(r"\w+", found)
    }
    waiting = {kind for kind, paths in WAITING.items() if "spec" in paths}

    idle = {c.__name__ for c in KUBERNETES if c is not Resource} - imported

    assert idle == waiting


def test_what_waits_waits_for_a_row_that_is_not_done() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| [^|]* \| (\w+)", ROADMAP.read_text(), re.MULTILINE))
    waiting = {row for paths in WAITING.values() for row in paths.values()}

    assert {row for row in waiting if rows.get(row) not in ("open", "part")} == set()


def test_no_field_is_on_both_lists() -> None:
    for kind, paths in ACCEPTED_UNUSED.items():
        assert set(paths) & set(WAITING.get(kind, {})) == set()


# What is told

REF = ObjectRef(name="m")


def task(**spec: Any) -> AgenticTask:
    return AgenticTask(spec=TaskSpec(kind="freeform", payload=Payload(prompt="hi"), **spec))


def test_a_field_without_meaning_is_told() -> None:
    body = task(model_ref=REF).wire()

    assert unused.warnings("AgenticTask", body) == [
        "spec.modelRef: accepted, but Foreman gives it no meaning"
    ]


def test_a_field_in_a_list_is_told_with_its_place() -> None:
    step = PipelineStep(name="a", kind="freeform", payload=Payload(branch_prefix="x/"))
    plain = PipelineStep(name="b", kind="freeform")
    workload = Workload(spec=WorkloadSpec(intent="do", pipeline=[plain, step]))

    assert unused.warnings("Workload", workload.wire()) == [
        "spec.pipeline[1].payload.branchPrefix: accepted, but Foreman gives it no meaning"
    ]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no-spec"),
        pytest.param({"spec": None}, id="null"),
        pytest.param({"spec": "text"}, id="not-an-object"),
        pytest.param({"spec": {"modelRef": None}}, id="a-null-field"),
        pytest.param({"spec": {"payload": [1]}}, id="of-another-type"),
        pytest.param({"spec": {"agentRef": {"name": "a"}}}, id="other-fields"),
    ],
)
def test_nothing_is_told_of_what_is_not_set(body: dict[str, Any]) -> None:
    assert unused.warnings("AgenticTask", body) == []


def test_kinds_without_such_fields_are_silent() -> None:
    assert unused.warnings("ConfigMap", {"data": {"modelRef": "x"}}) == []


def test_an_event_tells_of_fields_that_wait_too() -> None:
    agent = Agent(
        spec=AgentSpec(
            role="coder",
            tools=["bash"],
            max_envtest_iterations=2,
            approvals=Approvals(tools=["bash"]),
            mcp=Mcp(servers=[McpServer(name="docs")]),
        )
    )

    assert unused.event_message(agent) == (
        "spec.maxEnvtestIterations: accepted, but Foreman gives it no meaning; "
        "spec.approvals: accepted, but not built yet (L12); "
        "spec.mcp: accepted, but not built yet (L10)"
    )


def test_defaults_ask_for_nothing() -> None:
    endpoint = ModelEndpoint(spec=EndpointSpec(base_url="http://m", tool_protocol="auto"))

    assert unused.event_message(endpoint) == ""
    assert unused.event_message(task(agent_ref=LocalRef(name="a"))) == ""
