"""What every resource has: metadata, conditions, references, labels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from tools.wire import OpenWire, Wire

GROUP = "foreman.llmkube.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"


def label(name: str) -> str:
    """The key of one of our labels or annotations."""
    return f"{GROUP}/{name}"


class OwnerReference(Wire):
    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class Meta(OpenWire):
    """ObjectMeta: what we read and write of it; the rest passes through."""

    name: str = ""
    namespace: str | None = None
    generate_name: str | None = None
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    owner_references: list[OwnerReference] = Field(default_factory=list)


class Condition(Wire):
    """metav1.Condition; *last_transition_time* moves only when *status* changes."""

    type: str
    status: Literal["True", "False", "Unknown"]
    reason: str
    message: str = ""
    last_transition_time: datetime
    observed_generation: int | None = None


class LocalRef(Wire):
    """The name of something in the same namespace."""

    name: str = ""


class SecretKeyRef(Wire):
    name: str
    key: str = "key"


class Resource(Wire):
    """An object of the API. Subclasses name their kind and add `spec` and `status`."""

    model_config = ConfigDict(extra="ignore")

    API_VERSION: ClassVar[str] = API_VERSION
    KIND: ClassVar[str]
    PLURAL: ClassVar[str]
    NAMESPACED: ClassVar[bool] = True
    SHORT: ClassVar[str] = ""
    # name, JSON path, type, priority (1 shows with -o wide)
    COLUMNS: ClassVar[tuple[tuple[str, str, str, int], ...]] = ()

    metadata: Meta = Field(default_factory=Meta)

    @property
    def key(self) -> tuple[str, str]:
        """(namespace, name); namespace is "" for cluster scope."""
        return (self.metadata.namespace or "", self.metadata.name)

    def wire(self) -> dict[str, Any]:
        body = super().wire()
        meta = {k: v for k, v in body["metadata"].items() if v not in ("", 0, {}, [])}
        return {"apiVersion": self.API_VERSION, "kind": self.KIND, **body, "metadata": meta}

    def owner_reference(self) -> OwnerReference:
        return OwnerReference(
            api_version=self.API_VERSION,
            kind=self.KIND,
            name=self.metadata.name,
            uid=self.metadata.uid,
            controller=True,
            block_owner_deletion=True,
        )


def with_condition(
    conditions: list[Condition],
    type: str,  # noqa: A002 - the wire's own word
    *,
    status: bool,
    reason: str,
    message: str,
    now: datetime,
) -> list[Condition]:
    """*conditions* with this one set; the transition time is kept while the status is."""
    word: Literal["True", "False"] = "True" if status else "False"
    old = next((c for c in conditions if c.type == type), None)
    since = old.last_transition_time if old and old.status == word else now
    new = Condition(
        type=type, status=word, reason=reason, message=message, last_transition_time=since
    )
    if old == new:
        return conditions
    return [*(c for c in conditions if c.type != type), new]


NonNegative = Annotated[int, Field(ge=0)]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")]
