"""The model of an Agent, connected: endpoint, provider or InferenceService, with its key."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from k8s.client import Client
from k8s.errors import NotFound
from k8s.meta import SecretKeyRef
from k8s.patience import patiently
from k8s.resources.agent import Agent
from k8s.resources.core import Endpoints, InferenceService, Secret
from k8s.resources.endpoint import ModelEndpoint
from loop.model import Model


class NoModelError(Exception):
    """The Agent's model cannot be reached; the message is the task's."""


@dataclass(frozen=True)
class Overrides:
    """The node's flags for InferenceServices whose address only holds inside a cluster."""

    url: str = ""
    host: str = ""


@dataclass(frozen=True)
class _Address:
    url: str
    key: str
    model: str


@asynccontextmanager
async def model_of(
    client: Client, agent: Agent, overrides: Overrides, learn: Callable[[str], None]
) -> AsyncIterator[Model | None]:
    """The model, ready to talk; None for a deterministic Agent. Raises `NoModelError`."""
    if agent.deterministic:
        yield None
        return
    endpoint = await _endpoint(client, agent)
    if endpoint and endpoint.spec.scripted_replies and not endpoint.spec.base_url:
        from k8s.scripted import scripted_model

        async with scripted_model(endpoint.spec.scripted_replies) as server:
            address = _Address(server.base_url, "", agent.spec.model or "scripted")
            async with _connected(agent, address) as model:
                yield model
        return
    address = await _address(client, agent, endpoint, overrides)
    learn(address.key)
    async with _connected(agent, address) as model:
        yield model


@asynccontextmanager
async def _connected(agent: Agent, address: _Address) -> AsyncIterator[Model]:
    from loop.openai_model import Patience, Sampling, connect

    spec = agent.spec
    sampling = Sampling(
        model=address.model,
        temperature=float(spec.temperature) if spec.temperature else None,
        chat_template_kwargs=spec.chat_template_kwargs,
        **({"max_output_tokens": spec.max_output_tokens} if spec.max_output_tokens else {}),
    )
    patience = Patience(
        first_byte_seconds=float(spec.request_turn_timeout_seconds),
        silence_seconds=float(spec.silence_timeout_seconds),
    )
    async with connect(address.url, api_key=address.key) as connection:
        yield connection.model(sampling, patience)


async def _endpoint(client: Client, agent: Agent) -> ModelEndpoint | None:
    reference = agent.spec.model_endpoint_ref
    if reference is None:
        return None
    try:
        return await patiently(
            lambda: client.get(ModelEndpoint, reference.name, agent.metadata.namespace or "")
        )
    except NotFound as exc:
        raise NoModelError(f"ModelEndpoint {reference.name}: not found") from exc


async def _address(
    client: Client, agent: Agent, endpoint: ModelEndpoint | None, overrides: Overrides
) -> _Address:
    spec, namespace = agent.spec, agent.metadata.namespace or ""
    if endpoint:
        _allowed(endpoint, spec.model or "")
        key = await secret_key(client, endpoint.spec.api_key_secret_ref, namespace)
        return _Address(endpoint.spec.base_url or "", key, spec.model or _only(endpoint))
    if spec.provider == "cloud-proxy" and spec.provider_config:
        config = spec.provider_config
        key = await secret_key(client, config.api_key_secret_ref, namespace)
        return _Address(config.base_url or "", key, config.model or spec.model or "")
    if overrides.url:
        return _Address(overrides.url, "", spec.model or "")
    assert spec.inference_service_ref, "an Agent that is not deterministic reaches some model"
    url = await _service_url(client, spec.inference_service_ref.name, namespace, overrides.host)
    return _Address(url, "", spec.model or "")


def _allowed(endpoint: ModelEndpoint, model: str) -> None:
    """Raises `NoModelError` for a model that the endpoint's owner did not list."""
    for pattern in endpoint.spec.models:
        prefix = pattern.removesuffix("*")
        if pattern == model or (pattern.endswith("*") and model.startswith(prefix)):
            return
    name, allowed = endpoint.metadata.name, ", ".join(endpoint.spec.models)
    raise NoModelError(f"ModelEndpoint {name}: does not allow model {model}; it allows {allowed}")


def _only(endpoint: ModelEndpoint) -> str:
    named = [m for m in endpoint.spec.models if not m.endswith("*")]
    return named[0] if len(named) == 1 else ""


async def secret_key(client: Client, reference: SecretKeyRef | None, namespace: str) -> str:
    """The key that *reference* names; "" for None. Raises `NoModelError`."""
    if reference is None:
        return ""
    try:
        secret = await patiently(lambda: client.get(Secret, reference.name, namespace))
        return base64.b64decode(secret.data[reference.key]).decode()
    except NotFound as exc:
        raise NoModelError(f"Secret {reference.name}: not found in {namespace}") from exc
    except KeyError as exc:
        raise NoModelError(f"Secret {reference.name}: has no key {reference.key}") from exc


async def _service_url(client: Client, name: str, namespace: str, host: str) -> str:
    try:
        service = await patiently(lambda: client.get(InferenceService, name, namespace))
    except NotFound as exc:
        raise NoModelError(f"InferenceService {name}: not found in {namespace}") from exc
    url = str(service.status.get("endpoint", ""))
    if not url:
        raise NoModelError(f"InferenceService {name}: no status.endpoint yet; is it Ready?")
    parts = urlsplit(url)
    path = parts.path[: parts.path.find("/v1") + 3] if "/v1" in parts.path else "/v1"
    netloc = parts.netloc
    if host:
        # The server behind the service is started anew on another port now and then.
        netloc = f"{host}:{await _live_port(client, name, namespace) or parts.port or 80}"
    return urlunsplit((parts.scheme, netloc, path, "", ""))


async def _live_port(client: Client, name: str, namespace: str) -> int | None:
    try:
        endpoints = await patiently(lambda: client.get(Endpoints, name, namespace))
    except NotFound:
        return None
    for subset in endpoints.subsets:
        for port in subset.get("ports", ()):
            return int(port["port"])
    return None
