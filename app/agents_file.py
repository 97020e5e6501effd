"""`foreman.toml` → resources: a few lines an agent, rendered when `foreman up` starts.

    [agents.qwen]
    base_url = "http://10.0.0.5:8081/v1"
    model = "qwen3.5-35b-a3b"
    roles = ["dev", "review"]        # dev → coder, review → reviewer, gate → verifier

Nothing else reads the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.settings import SettingsError
from k8s.meta import LocalRef, Meta, Resource, SecretKeyRef, label
from k8s.resources.agent import Agent, AgentSpec, Role
from k8s.resources.core import Secret
from k8s.resources.endpoint import EndpointSpec, ModelEndpoint
from loop.prompts.shipped import system_prompt

FileRole = Literal["dev", "review", "gate"]
_ROLES: Mapping[FileRole, Role] = {"dev": "coder", "review": "reviewer", "gate": "verifier"}
_NAME = re.compile(r"^[a-z]([a-z0-9]|-[a-z0-9])*$")
MANAGED = label("from-file")  # marks what the file made, so that what it drops can be told apart

CODER_TOOLS = ["read_file", "write_file", "str_replace", "grep", "bash", "submit_result"]
REVIEWER_TOOLS = [
    "read_file",
    "grep",
    "bash",
    "fetch_issue",
    "fetch_pull_request",
    "submit_result",
]


class AgentEntry(BaseModel):
    """One `[agents.NAME]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    model: str
    api_key: str = ""
    roles: Annotated[list[FileRole], Field(min_length=1)] = ["dev", "review"]
    compact_pct: Annotated[int, Field(ge=10, le=100)] | None = None


class AgentsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    agents: dict[str, AgentEntry] = {}


def read(path: Path) -> AgentsFile:
    """The file's content; empty where there is no file. Raises `SettingsError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return AgentsFile()
    try:
        parsed = AgentsFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError(f"{path.name}: not TOML ({exc})") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path.name}: {where}: {first['msg']}") from exc
    for name in parsed.agents:
        if not _NAME.match(name):
            raise SettingsError(
                f"{path.name}: agents.{name}: not a name; use lower-case letters, digits and "
                "single dashes, a letter first"
            )
    return parsed


def resources(content: AgentsFile, namespace: str) -> list[Resource]:
    """Endpoints (one for each address: its slots are shared), key Secrets and Agents."""
    made: dict[tuple[str, str], Resource] = {}
    for name, entry in content.agents.items():
        endpoint = endpoint_name(entry.base_url)
        if entry.api_key or ("endpoint", endpoint) not in made:
            made["endpoint", endpoint] = _endpoint(endpoint, entry, namespace)
        if entry.api_key:
            made["secret", endpoint] = _secret(endpoint, entry, namespace)
        for index, role in enumerate(entry.roles):
            agent = name if index == 0 else f"{name}-{_ROLES[role]}"
            made["agent", agent] = _agent(agent, role, entry, endpoint, namespace)
    made.setdefault(("agent", "gate"), gate(namespace))
    return list(made.values())


def endpoint_name(url: str) -> str:
    """A resource name from an address: `http://10.0.0.5:8081/v1` → `10-0-0-5-8081`."""
    parts = urlsplit(url)
    text = f"{parts.hostname or url}-{parts.port}" if parts.port else (parts.hostname or url)
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "endpoint"


def gate(namespace: str) -> Agent:
    """The verifier that every installation has: deterministic, needs no model."""
    spec = AgentSpec(role="verifier", tools=["run_gate_job"])
    return Agent(metadata=_meta("gate", namespace), spec=spec)


def _meta(name: str, namespace: str) -> Meta:
    return Meta(name=name, namespace=namespace, labels={MANAGED: "true"})


def _endpoint(name: str, entry: AgentEntry, namespace: str) -> ModelEndpoint:
    key = SecretKeyRef(name=f"foreman-key-{name}") if entry.api_key else None
    spec = EndpointSpec(base_url=entry.base_url.rstrip("/"), api_key_secret_ref=key)
    return ModelEndpoint(metadata=_meta(name, namespace), spec=spec)


def _secret(name: str, entry: AgentEntry, namespace: str) -> Secret:
    meta = _meta(f"foreman-key-{name}", namespace)
    return Secret(metadata=meta, string_data={"key": entry.api_key})


def _agent(name: str, role: FileRole, entry: AgentEntry, endpoint: str, namespace: str) -> Agent:
    if role == "gate":
        return gate(namespace).replace(metadata=_meta(name, namespace))
    word: Literal["coder", "reviewer"] = "coder" if role == "dev" else "reviewer"
    spec: dict[str, Any] = {
        "role": word,
        "tools": CODER_TOOLS if role == "dev" else REVIEWER_TOOLS,
        "model": entry.model,
        "model_endpoint_ref": LocalRef(name=endpoint),
        "system_prompt": system_prompt(word),
        "context_strategy": "session",
        "compact_at_percent": entry.compact_pct,
    }
    return Agent(metadata=_meta(name, namespace), spec=AgentSpec(**spec))
