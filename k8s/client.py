"""The one typed client: raw JSON over `kubernetes.aio`, for the embedded API and for clusters alike.

The typed models of the kubernetes package are not used, ours are; that saves 26 MiB and a third of a
second. The package itself (55 MiB) is loaded by `k8s.access` when a connection is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, Protocol

import aiohttp
import orjson
import structlog

from k8s import rest
from k8s.errors import ApiError, Unavailable, fault
from k8s.meta import Resource
from k8s.rest import R

REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)
WATCH_SECONDS = 240  # the server ends a watch after this; the caller starts the next one
# A connection that died without a word is noticed a little after the server should have ended it.
_WATCH_TIMEOUT = aiohttp.ClientTimeout(total=WATCH_SECONDS + 30, connect=10)
_READ_AT_ONCE = 500  # objects of a list that are parsed before others get their turn
_REMEMBERED = 1000  # unreadable objects and warnings that are told once

MERGE_PATCH = "application/merge-patch+json"
_JSON = "application/json"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class UnixAccess:
    """The embedded API's socket, and the bearer token of the role to act in."""

    socket: Path
    token: str


@dataclass(frozen=True)
class KubeconfigAccess:
    """A kubeconfig.

    *path* None: `$KUBECONFIG` or `~/.kube/config`, and where neither is, the pod's own account.
    *context* None: the file's current one.
    """

    path: Path | None = None
    context: str | None = None


Access = UnixAccess | KubeconfigAccess
ChangeType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]


@dataclass(frozen=True)
class Listing(Generic[R]):
    """All objects of a kind at one moment; watch on from *resource_version*."""

    items: list[R]
    resource_version: str


@dataclass(frozen=True)
class Change(Generic[R]):
    """One event of a watch.

    *object* has nothing but metadata in a BOOKMARK, and in a DELETED that does not fit our model.
    """

    type: ChangeType
    object: R


class Transport(Protocol):
    """An open session; `k8s.access` has one over the kubernetes package's REST client."""

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        body: bytes | None,
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse: ...


class Credentials(Protocol):
    """What we use of the kubernetes package's configuration."""

    host: str

    async def auth_settings(self) -> Any: ...


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Client]:
    """A client for *access*. Raises `AccessError` when the settings lead nowhere."""
    from k8s.access import transport

    async with transport(access) as (session, credentials):
        yield Client(session, credentials)


class Client:
    """Create, get, list, watch, patch, replace and delete resources. Build with `connect`.

    Every method raises the `ApiError` that the answer means. Fields that the server's CRDs do not
    know are refused (field validation Strict): dropped in silence they would be lost writes.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        self._transport = transport
        self._credentials = credentials
        self._told: set[str] = set()

    async def create(self, obj: R) -> R:
        """*obj* as stored; its namespace is `obj.metadata.namespace`."""
        path = rest.address(type(obj), obj.metadata.namespace or "")
        return rest.read(type(obj), await self._write("POST", path, obj.wire()))

    async def get(self, kind: type[R], name: str, namespace: str = "") -> R:
        path = rest.address(kind, namespace, name)
        return rest.read(kind, orjson.loads(await self._request("GET", path)))

    async def list(
        self, kind: type[R], namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Listing[R]:
        """All objects that match; *namespace* "" means all. Unreadable ones are left out."""
        path = rest.address(kind, namespace)
        path += rest.query(labelSelector=labels, fieldSelector=fields)
        body = orjson.loads(await self._request("GET", path))
        items: list[R] = []
        for number, item in enumerate(body.get("items") or (), start=1):
            obj = self._readable(kind, item)
            if obj is not None:
                items.append(obj)
            if number % _READ_AT_ONCE == 0:
                await asyncio.sleep(0)
        return Listing(items, body.get("metadata", {}).get("resourceVersion", ""))

    async def watch(
        self,
        kind: type[R],
        namespace: str = "",
        *,
        resource_version: str = "",
        labels: str = "",
        fields: str = "",
    ) -> AsyncGenerator[Change[R], None]:
        """Changes after *resource_version* ("": first all that is there), until the server ends it.

        Raises `Gone` when the version is too old, `Unavailable` when the connection breaks. Close it
        (`contextlib.aclosing`) when leaving early.
        """
        path = rest.address(kind, namespace) + rest.query(
            watch="true",
            allowWatchBookmarks="true",
            timeoutSeconds=WATCH_SECONDS,
            resourceVersion=resource_version,
            labelSelector=labels,
            fieldSelector=fields,
        )
        response = await self._send("GET", path, timeout=_WATCH_TIMEOUT)
        try:
            if response.status >= 400:
                raise fault(response.status, await response.read())
            lines = rest.Lines()
            async for chunk in response.content.iter_any():
                for line in lines.feed(chunk):
                    change = self._change(kind, orjson.loads(line))
                    if change:
                        yield change
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as exc:
            raise _no_answer(path, exc) from exc
        finally:
            _hang_up(response)

    async def patch(
        self,
        kind: type[R],
        name: str,
        namespace: str = "",
        body: Mapping[str, Any] | None = None,
        *,
        subresource: Literal["", "status"] = "",
        resource_version: str | None = None,
    ) -> R:
        """The object after the JSON merge patch *body* (None deletes a key).

        With *resource_version*, `Conflict` when the object is not at that version any more.
        """
        path = rest.address(kind, namespace, name, subresource)
        change = rest.locked(body or {}, resource_version)
        return rest.read(kind, await self._write("PATCH", path, change, content_type=MERGE_PATCH))

    async def replace(self, obj: R, *, subresource: Literal["", "status"] = "") -> R:
        """*obj* in the place of the stored one. `Conflict` unless its version is the stored one's."""
        meta = obj.metadata
        path = rest.address(type(obj), meta.namespace or "", meta.name, subresource)
        return rest.read(type(obj), await self._write("PUT", path, obj.wire()))

    async def delete(
        self, kind: type[Resource], name: str, namespace: str = "", *, uid: str | None = None
    ) -> None:
        """Delete it; with *uid*, `Conflict` when the name is another object's by now."""
        options = {"preconditions": {"uid": uid}} if uid else None
        await self._request("DELETE", rest.address(kind, namespace, name), options)

    async def ready(self) -> None:
        """Raises `Unavailable` while the API does not serve."""
        await self._request("GET", "/readyz")

    async def _write(
        self, method: str, path: str, body: Mapping[str, Any], *, content_type: str = _JSON
    ) -> dict[str, Any]:
        path += rest.query(fieldValidation="Strict")
        stored: dict[str, Any] = orjson.loads(
            await self._request(method, path, body, content_type=content_type)
        )
        return stored

    async def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        content_type: str = _JSON,
    ) -> bytes:
        response = await self._send(method, path, body, content_type=content_type)
        try:
            answer: bytes = await response.read()
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise _no_answer(path, exc) from exc
        for warning in response.headers.getall("Warning", ()):
            self._tell_once(warning, "api.warned", warning=warning, path=path)
        if response.status >= 400:
            raise fault(response.status, answer)
        return answer

    async def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        content_type: str = _JSON,
        timeout: aiohttp.ClientTimeout = REQUEST_TIMEOUT,
    ) -> aiohttp.ClientResponse:
        headers = {"Accept": _JSON, "Content-Type": content_type, "User-Agent": "foreman"}
        try:
            auth = await self._credentials.auth_settings()  # renews a token that ran out
            if "BearerToken" in auth:
                headers["Authorization"] = auth["BearerToken"]["value"]
            url = self._credentials.host + path
            content = None if body is None else orjson.dumps(body, option=orjson.OPT_UTC_Z)
            return await self._transport.send(
                method, url, headers=headers, body=content, timeout=timeout
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise _no_answer(path, exc) from exc

    def _change(self, kind: type[R], event: Mapping[str, Any]) -> Change[R] | None:
        """None: the object cannot be read, and was told of."""
        body = event["object"]
        match event["type"]:
            case "ERROR":
                raise fault(int(body.get("code") or 500), orjson.dumps(body))
            case "BOOKMARK":
                return Change("BOOKMARK", rest.bare(kind, body["metadata"]))
            case "DELETED":
                last = self._readable(kind, body)
                return Change("DELETED", last or rest.bare(kind, body["metadata"]))
            case _:
                obj = self._readable(kind, body)
                return Change(event["type"], obj) if obj is not None else None

    def _readable(self, kind: type[R], body: Mapping[str, Any]) -> R | None:
        """None: it does not fit our model; told once, so that one bad object stops no loop."""
        try:
            return rest.read(kind, body)
        except ApiError as exc:
            uid = body.get("metadata", {}).get("uid", "")
            self._tell_once(f"{kind.KIND}/{uid}", "api.object_unreadable", error=exc.message)
            return None

    def _tell_once(self, key: str, event: str, **values: str) -> None:
        if key in self._told:
            return
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told.add(key)
        log.warning(event, **values)


def _hang_up(response: aiohttp.ClientResponse) -> None:
    """Leave a stream for good: TLS's polite farewell takes up to half a minute."""
    transport = response.connection.transport if response.connection else None
    response.close()
    if transport:
        transport.abort()


def _no_answer(path: str, exc: Exception) -> Unavailable:
    said = str(exc) or type(exc).__name__
    return Unavailable(0, "NoAnswer", f"{path.partition('?')[0]}: no answer from the API: {said}")
