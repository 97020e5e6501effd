"""Structures that several kinds embed: required capability, gate profile, verdict policy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from k8s.meta import NonNegative
from tools.result import WorkClass
from tools.wire import Wire


class RequiredCapability(Wire):
    """What a node must offer."""

    min_ram_gb: NonNegative | None = None
    requires_model_installed: bool | None = None
    min_context_tokens: NonNegative | None = None
    accelerator: Literal["metal", "cuda", "vulkan", "any"] = "any"
    node_selector: dict[str, str] = Field(default_factory=dict)
    roles: list[str] = Field(default_factory=list)


class GateCommands(Wire):
    """Shell commands of a gate; an empty string runs nothing. `setup` is ours."""

    setup: str | None = None
    format: str | None = None
    lint: str | None = None
    build: str | None = None
    test: str | None = None
    codegen_check: str | None = None


class TestLayout(Wire):
    __test__ = False  # the name is upstream's; not a test class

    test_root: str = ""
    source_root: str = ""


class GateProfile(Wire):
    """How a repository is formatted, linted, built and tested."""

    language: Literal["go", "python", "rust", "node", "generic"] = "go"
    image: str | None = None
    source_extensions: list[str] = Field(default_factory=list)
    test_layout: TestLayout | None = None
    commands: GateCommands | None = None
    network: Literal["none", "host"] | None = None  # ours: what `setup` may reach


class VerdictPolicy(Wire):
    """Work classes whose GO needs no human."""

    self_go: Annotated[list[WorkClass], Field(alias="selfGO")] = Field(default_factory=list)


class StuckLoopDetection(Wire):
    repeated_tool_threshold: Annotated[int, Field(ge=0, le=100)] | None = None
    edit_free_turns_limit: Annotated[int, Field(ge=0, le=200)] | None = None
    context_soft_cap: NonNegative | None = None
    context_hard_cap: NonNegative | None = None
