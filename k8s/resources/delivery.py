"""Delivery: one webhook delivery, normalised to the fields we read, kept 8 days."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from k8s.meta import Resource
from tools.wire import OpenWire, Wire


class DeliverySpec(Wire):
    """*event* and *action* are GitHub's words; *payload* is the normalised event."""

    event: str
    action: str = ""
    repository: str = ""
    repository_id: int | None = None
    installation: int | None = None
    sender: str = ""
    sender_type: str = ""
    received_at: datetime
    payload: Annotated[dict[str, Any], Field(default_factory=dict)]


class DeliveryStatus(OpenWire):
    phase: Literal["Done", "Refused", "Ignored", "Failed"] | None = None
    message: str = ""
    objects: list[str] = Field(default_factory=list)  # what was made of it: kind/name
    finished_at: datetime | None = None


class Delivery(Resource):
    KIND: ClassVar[str] = "Delivery"
    PLURAL: ClassVar[str] = "deliveries"
    SHORT: ClassVar[str] = "dl"
    COLUMNS: ClassVar[tuple[tuple[str, str, str, int], ...]] = (
        ("Event", ".spec.event", "string", 0),
        ("Action", ".spec.action", "string", 0),
        ("Repository", ".spec.repository", "string", 0),
        ("Phase", ".status.phase", "string", 0),
        ("Age", ".metadata.creationTimestamp", "date", 0),
    )

    spec: DeliverySpec
    status: DeliveryStatus = Field(default_factory=DeliveryStatus)
