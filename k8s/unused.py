"""Fields that can be set and change nothing: upstream's that we give no meaning, and ours to come.

Both lists are kept honest by a test that walks every model: what is on neither is used, and what is
on one is not. Paths are those of the wire, `[]` stands for each element of a list, and a path covers
what is below it. A path with `=` names one value of a closed set, `*` all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from k8s.meta import Resource

Paths = Mapping[str, str]
_Tree = dict[str, "_Tree | str"]  # a text is what to tell of a field that is set
_NO_MEANING = "accepted, but Foreman gives it no meaning"
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _below(prefix: str, paths: Paths) -> Paths:
    return {f"{prefix}.{path}": told for path, told in paths.items()}


_PAYLOAD_UNUSED = {
    "agent": "names a stub executor's agent; `agentRef` names ours",
    "branchPrefix": "upstream reads it nowhere; `branch` names the branch",
}
_PAYLOAD_WAITING = {"images": "L17"}
_GATE_WAITING = {"image": "W10"}
_STUCK_WAITING = {"stuckLoopDetection": "L5"}

# Kind → path → why nothing reads it. Not for what is merely unbuilt: that is `WAITING`.
ACCEPTED_UNUSED: Mapping[str, Paths] = {
    "Agent": {
        "spec.maxEnvtestIterations": "there is no second gate after the push to repeat",
    },
    "AgenticTask": {
        "spec.modelRef": "the Agent names its model",
        **_below("spec.payload", _PAYLOAD_UNUSED),
        "status.failureReason=ConstraintViolated": "upstream never writes it either",
        "status.failureReason=GitRemoteNotConfigured": "the repository says where it is cloned from",
        "status.failureReason=ToolFailed": "a gate that cannot run is GateError",
        "status.result.extra.findings[].area=*": "the reviewer's word, shown as it is",
        "status.result.extra.ungroundedFindings[].area=*": "the reviewer's word, shown as it is",
        "status.result.failureReason=ConstraintViolated": "upstream never writes it either",
        "status.result.failureReason=GitRemoteNotConfigured": "as in `status.failureReason`",
        "status.result.failureReason=ToolFailed": "as in `status.failureReason`",
    },
    "FleetNode": {
        "spec.tailscaleAddr": "nodes call the API, nothing calls a node",
        "status.agentKind=metal-agent": "what LLMKube's own agent calls itself",
        "status.updateRequest": "updates come as a package or an image",
    },
    "Workload": {
        "spec.plannerModel": "there is no planner: steps are named or follow from the issues",
        **_below("spec.pipeline[].payload", _PAYLOAD_UNUSED),
    },
}

# Kind → path → the row of docs/roadmap.md that will read it. Only shrinks.
WAITING: Mapping[str, Paths] = {
    "Agent": {
        "spec.approvals": "L12",
        "spec.contextStrategy": "L6",
        "spec.execution": "W10",
        "spec.mcp": "L10",
        "spec.modelProfileRef": "L5",
        "spec.observationWindowTurns": "L6",
        **_below("spec", _STUCK_WAITING),
        "spec.subAgents": "L11",
        "spec.toolProtocol": "L3",
        "spec.vision": "L17",
    },
    "AgenticTask": {
        **_below("spec.gateProfile", _GATE_WAITING),
        "spec.mcpEnabled": "L10",
        **_below("spec.payload", _PAYLOAD_WAITING),
        "status.jobName": "W10",
    },
    "Lease": {"spec": "W12"},
    "ModelEndpoint": {
        "spec.contextTokens": "W13",
        "spec.inferenceServiceRef": "W13",
        "spec.toolProtocol": "L3",
    },
    "ModelProfile": {
        "spec.restrictReadsInForcingPhase": "L5",
        **_below("spec", _STUCK_WAITING),
        "spec.systemPromptAddendum": "L5",
    },
    "Workload": {
        **_below("spec.gateProfile", _GATE_WAITING),
        **_below("spec.pipeline[].gateProfile", _GATE_WAITING),
        **_below("spec.pipeline[].payload", _PAYLOAD_WAITING),
    },
}


def warnings(kind: str, body: Mapping[str, Any]) -> list[str]:
    """What to tell the sender of *body*: one line for each field without meaning that it sets."""
    tree = _unused(kind)
    return list(_found(tree, body.get("spec"), "spec")) if tree else []


def event_message(resource: Resource) -> str:
    """All fields of *resource* that are set and do nothing, as one line; empty when none is.

    Tells of fields that are not built yet too.
    """
    body = resource.wire()
    told = [*warnings(resource.KIND, body)]
    told += _found(_waiting(resource.KIND), body.get("spec"), "spec")
    return "; ".join(told)


@functools.cache
def _unused(kind: str) -> _Tree:
    return _tree(kind, dict.fromkeys(ACCEPTED_UNUSED.get(kind, ()), _NO_MEANING))


@functools.cache
def _waiting(kind: str) -> _Tree:
    rows = WAITING.get(kind, {})
    return _tree(kind, {path: f"accepted, but not built yet ({row})" for path, row in rows.items()})


def _tree(kind: str, paths: Paths) -> _Tree:
    root: _Tree = {}
    for path, told in paths.items():
        first, *inner = path.split(".")
        if first != "spec" or not inner or "=" in path:
            continue
        node = root
        for name in inner[:-1]:
            below = node.setdefault(name, {})
            assert isinstance(below, dict), f"{kind}: {path} is below another listed path"
            node = below
        node[inner[-1]] = told
    return root


def _found(tree: _Tree, value: Any, path: str) -> Iterator[str]:
    for name, below in tree.items():
        key = name.removesuffix("[]")
        if not isinstance(value, Mapping) or (inner := value.get(key)) in _EMPTY:
            continue
        here = f"{path}.{key}"
        if isinstance(below, str):
            if inner != _DEFAULTS.get(key):
                yield f"{here}: {below}"
        elif name == key:
            yield from _found(below, inner, here)
        elif isinstance(inner, Sequence):
            for index, item in enumerate(inner):
                yield from _found(below, item, f"{here}[{index}]")


_DEFAULTS = {"network": "none", "toolProtocol": "auto"}  # set by the server, they ask for nothing
