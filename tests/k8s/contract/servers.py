"""The two servers that must behave the same, and plain HTTP to look at what the client hides."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp
import orjson
import yaml

from k8s.client import Access, KubeconfigAccess, UnixAccess
from tests.cluster.control_plane import ControlPlane

Role = Literal["admin", "node"]


@dataclass(frozen=True)
class Server:
    """One of the two, running. *access* is how our processes reach it, *kubeconfigs* how people do."""

    name: Literal["embedded", "apiserver"]
    access: Mapping[str, Access]
    kubeconfigs: Mapping[str, Path]
    compact: Callable[[], None] = lambda: None
    """Forget the past, where the server does not do so by itself."""

    @property
    def embedded(self) -> bool:
        return self.name == "embedded"


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Server]:
    from k8s.embedded.serve import EmbeddedSettings, serve

    async with serve(EmbeddedSettings(directory=folder / "api")) as api:
        paths = {}
        for role in ("admin", "node"):
            paths[role] = folder / f"{role}.kubeconfig"
            paths[role].write_text(api.kubeconfig(role))
        access = {
            "admin": UnixAccess(api.socket, api.admin_token),
            "node": UnixAccess(api.socket, api.node_token),
        }
        yield Server("embedded", access, paths, api.store.history.compact)


def apiserver(plane: ControlPlane, folder: Path) -> Server:
    paths = {"admin": plane.kubeconfig}
    if "node" in plane.tokens:
        paths["node"] = folder / "node.kubeconfig"
        paths["node"].write_text(with_token(plane.kubeconfig, plane.tokens["node"]))
    access = {role: KubeconfigAccess(path) for role, path in paths.items()}
    return Server("apiserver", access, paths)


def with_token(kubeconfig: Path, token: str) -> str:
    """*kubeconfig* for whoever has *token*."""
    told = yaml.safe_load(kubeconfig.read_text())
    told["users"][0]["user"] = {"token": token}
    return yaml.safe_dump(told)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)


class Http:
    """Requests as kubectl would send them: over TLS, with the kubeconfig's CA and token."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._url = url
        self._token = token

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        **headers: str,
    ) -> Answer:
        """*token* "" sends none; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        bearer = self._token if token is None else token
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        data = body if isinstance(body, bytes | None) else orjson.dumps(body)
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        url = self._url + path
        async with self._session.request(method, url, data=data, headers=sent) as answer:
            return Answer(answer.status, answer.headers, await answer.read())


@asynccontextmanager
async def http(kubeconfig: Path) -> AsyncIterator[Http]:
    told = yaml.safe_load(kubeconfig.read_text())
    cluster, user = told["clusters"][0]["cluster"], told["users"][0]["user"]
    ca = base64.b64decode(cluster["certificate-authority-data"]).decode()
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cadata=ca))
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Http(session, cluster["server"], user["token"])
