"""How an Agent reaches its model: which endpoint counts, and whether it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from k8s.meta import Condition, Resource
from k8s.resources.agent import Agent
from k8s.resources.core import InferenceService
from k8s.resources.endpoint import ModelEndpoint

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class Route:
    """The way to a model. *key* is what slots are counted by: (kind, namespace, name or URL)."""

    how: Literal["endpoint", "provider", "inference-service"]
    key: tuple[str, str, str]
    slots: int | None = None  # None: not limited
    url: str = ""


@dataclass(frozen=True)
class NoRoute:
    """Why an Agent cannot reach a model now; *reason* is a condition reason."""

    reason: Literal["EndpointNotFound", "EndpointNotReady", "InferenceServiceUnavailable"]
    message: str


def condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    return next((c for c in conditions if c.type == kind), None)


def find(objects: Iterable[R], namespace: str, name: str) -> R | None:
    return next((o for o in objects if o.key == (namespace, name)), None)


def route(
    agent: Agent,
    endpoints: Iterable[ModelEndpoint],
    services: Iterable[InferenceService] = (),
) -> Route | NoRoute | None:
    """The first of modelEndpointRef, provider and inferenceServiceRef; None: needs no model."""
    spec, namespace = agent.spec, agent.metadata.namespace or ""
    if spec.model_endpoint_ref:
        return _through_endpoint(find(endpoints, namespace, spec.model_endpoint_ref.name), agent)
    if spec.provider == "cloud-proxy" and spec.provider_config and spec.provider_config.base_url:
        url = spec.provider_config.base_url
        return Route("provider", ("provider", "", url), url=url)
    if spec.inference_service_ref:
        name = spec.inference_service_ref.name
        service = find(services, namespace, name)
        url = str(service.status.get("endpoint", "")) if service else ""
        if not url:
            return NoRoute(
                "InferenceServiceUnavailable",
                f"InferenceService {name}: no status.endpoint yet; is it Ready?",
            )
        return Route("inference-service", ("inference-service", namespace, name), url=url)
    return None


def _through_endpoint(endpoint: ModelEndpoint | None, agent: Agent) -> Route | NoRoute:
    reference = agent.spec.model_endpoint_ref
    name = reference.name if reference else ""
    if endpoint is None:
        return NoRoute(
            "EndpointNotFound",
            f"ModelEndpoint {name}: not found; Agent {agent.metadata.name} refers to it",
        )
    reachable = condition(endpoint.status.conditions, "Reachable")
    if reachable is None or reachable.status != "True":
        seen = reachable.message if reachable else "no node has tried it yet"
        return NoRoute("EndpointNotReady", f"ModelEndpoint {name}: not reachable; {seen}")
    return Route(
        "endpoint",
        ("endpoint", *endpoint.key),
        slots=endpoint.spec.slots,
        url=endpoint.spec.base_url or "",
    )
