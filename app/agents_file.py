"""`foreman.toml` → resources: a few lines an agent, rendered when `foreman up` starts.

    [agents.qwen]
    base_url = "http://10.0.0.5:8081/v1"
    model = "qwen3.5-35b-a3b"
    roles = ["dev", "review"]        # dev → coder, review → reviewer, gate → verifier

Nothing else reads the file.
"""

from __future__ import annotations

import hashlib
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
from tools.registry import ROLE_TOOLS

FileRole = Literal["dev", "review", "gate"]
_ROLES: Mapping[FileRole, Role] = {"dev": "coder", "review": "reviewer", "gate": "verifier"}
_HOST_LIMIT = 40  # characters of a host in the name of its endpoint
_GATE = "gate"  # the verifier that is always there
_NAME = re.compile(r"^[a-z]([a-z0-9]|-[a-z0-9])*$")
MANAGED = label("from-file")  # marks what the file made, so that what it drops can be told apart


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
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path}: not readable ({exc})") from exc
    try:
        parsed = AgentsFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError(f"{path.name}: not TOML ({exc})") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path.name}: {where}: {first['msg']}") from exc
    if fault := _fault(parsed):
        raise SettingsError(f"{path.name}: {fault}")
    return parsed


def _fault(content: AgentsFile) -> str:
    """What is wrong between the tables; "" for nothing."""
    taken = {_GATE: ""}
    keys: dict[str, tuple[str, str]] = {}
    for table, entry in content.agents.items():
        if not _NAME.match(table):
            return (
                f"agents.{table}: not a name; use lower-case letters, digits and single dashes, "
                "a letter first"
            )
        for name in _names(table, entry):
            if name in taken:
                by = f"agents.{taken[name]}" if taken[name] else "the verifier that is always there"
                return f"agents.{table}: makes an Agent {name}, and so does {by}; take another name"
            taken[name] = table
        url = entry.base_url.rstrip("/")
        first, key = keys.setdefault(url, (table, entry.api_key)) if entry.api_key else ("", "")
        if key != entry.api_key:
            return f"agents.{table}.api_key: agents.{first} has another for {url}; give one"
    return ""


def _names(table: str, entry: AgentEntry) -> list[str]:
    """The Agents of a table, one a role: the first has its name, the others are suffixed."""
    more = [f"{table}-{_ROLES[role]}" for role in entry.roles[1:]]
    return [table, *more]


def resources(content: AgentsFile, namespace: str) -> list[Resource]:
    """Endpoints (one for each address: its slots are shared), key Secrets and Agents."""
    made: dict[tuple[str, str], Resource] = {}
    for name, entry in content.agents.items():
        endpoint = endpoint_name(entry.base_url)
        if entry.api_key or ("endpoint", endpoint) not in made:
            made["endpoint", endpoint] = _endpoint(endpoint, entry, namespace)
        if entry.api_key:
            made["secret", endpoint] = _secret(endpoint, entry, namespace)
        for agent, role in zip(_names(name, entry), entry.roles, strict=True):
            made["agent", agent] = _agent(agent, role, entry, endpoint, namespace)
    made["agent", _GATE] = gate(namespace)
    return list(made.values())


def endpoint_name(url: str) -> str:
    """A resource name from an address: `http://10.0.0.5:8081/v1` → `10-0-0-5-8081-a7d1f2`.

    The hash is of the whole address: two paths of one host are two endpoints.
    """
    whole = url.rstrip("/")
    parts = urlsplit(whole)
    host = parts.netloc.rpartition("@")[2] or whole
    text = re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:_HOST_LIMIT].strip("-")
    return f"{text or 'endpoint'}-{hashlib.sha256(whole.encode()).hexdigest()[:6]}"


def gate(namespace: str) -> Agent:
    """The verifier that every installation has: deterministic, needs no model."""
    spec = AgentSpec(role="verifier", tools=list(ROLE_TOOLS["verifier"]))
    return Agent(metadata=_meta(_GATE, namespace), spec=spec)


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
        "tools": list(ROLE_TOOLS[word]),
        "model": entry.model,
        "model_endpoint_ref": LocalRef(name=endpoint),
        "system_prompt": system_prompt(word),
        "context_strategy": "session",
        "compact_at_percent": entry.compact_pct,
    }
    return Agent(metadata=_meta(name, namespace), spec=AgentSpec(**spec))
