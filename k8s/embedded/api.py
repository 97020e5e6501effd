"""HTTP in, HTTP out: who asks, what for, which of the rules answers.

Below aiohttp's own application and router, because a path here is a grammar and not a list of
routes, and because each create pays for what stands between it and the socket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
import structlog
from aiohttp import web

from k8s.embedded import answers, bodies, requests
from k8s.embedded.access import Attempt, Role, Tokens, allowed
from k8s.embedded.discovery import Discovery
from k8s.embedded.history import Key
from k8s.embedded.objects import Objects
from k8s.embedded.reads import Reads
from k8s.embedded.refusals import (
    Refusal,
    forbidden,
    internal,
    method_not_allowed,
    no_such_path,
    too_large,
    unauthorized,
)
from k8s.embedded.requests import Target
from k8s.embedded.store import Store, StoreError
from k8s.embedded.writes import Writes

_VERBS = {
    "GET": "get",
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
log = structlog.get_logger()


class Api:
    """The handler of both sites."""

    def __init__(
        self,
        objects: Objects,
        tokens: Tokens,
        *,
        now: Callable[[], datetime],
        node_name: str = "",
        bookmark_seconds: float = 60.0,
    ) -> None:
        self._types = objects.types
        self._tokens = tokens
        self._node_name = node_name
        self._lookup = _Lookup(objects.store)
        self._reads = Reads(objects.store, now=now, bookmark_seconds=bookmark_seconds)
        self._writes = Writes(objects, now=now)
        self._discovery = Discovery(objects.types)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; nothing it raises gets out."""
        try:
            role = self._tokens.role(request.headers.get("Authorization", ""))
            if role is None:
                raise unauthorized()
            path = request.rel_url.raw_path
            if requests.names_resources(path):
                return await self._resource(request, requests.target(path, self._types), role)
            return self._what_there_is(request, path)
        except Refusal as refusal:
            return answers.refused(refusal)
        except web.HTTPRequestEntityTooLarge:
            return answers.refused(too_large(bodies.LIMIT_BYTES))
        except StoreError as exc:
            log.error("embedded.write_failed", error=str(exc))
            return answers.refused(internal(str(exc)))
        except ConnectionError:
            raise  # the client went away
        except Exception as exc:
            log.exception("embedded.request_failed", method=request.method)
            return answers.refused(internal(f"{type(exc).__name__}; see the server's log"))

    async def _resource(
        self, request: web.BaseRequest, target: Target, role: Role
    ) -> web.StreamResponse:
        verb = _VERBS.get(request.method)
        if verb is None or (target.type.read_only and verb in ("create", "delete")):
            raise method_not_allowed()
        if verb == "create":
            return await self._writes.create(
                request, target, lambda name: self._authorize(role, "create", target, name)
            )
        if not target.name:
            return await self._collection(request, target, role, verb)
        self._authorize(role, verb, target, target.name)
        match verb:
            case "get":
                return self._reads.get(request, target)
            case "update":
                return await self._writes.replace(request, target)
            case "patch":
                return await self._writes.patch(request, target)
            case _:
                return await self._writes.delete(request, target)

    async def _collection(
        self, request: web.BaseRequest, target: Target, role: Role, verb: str
    ) -> web.StreamResponse:
        if verb != "get":
            raise method_not_allowed(
                f"{target.type.plural}: {verb} of a collection is not served by this API;"
                " name the object"
            )
        query = requests.query(requests.parameters(request), target.type)
        name = query.selector.exact("metadata.name") or ""
        self._authorize(role, "watch" if query.watch else "list", target, name)
        return await self._reads.collection(request, target, query)

    def _authorize(self, role: Role, verb: str, target: Target, name: str) -> None:
        if role == "admin":
            return
        type_ = target.type
        attempt = Attempt(verb, type_.key, target.namespace, name, target.subresource)
        if allowed(role, attempt, self._lookup, node_name=self._node_name):
            return
        resource = f"{type_.plural}/{target.subresource}" if target.subresource else type_.plural
        place = f'in the namespace "{target.namespace}"' if target.namespace else ""
        raise forbidden(
            type_,
            name,
            f'User "foreman:{role}" cannot {verb} resource "{resource}" in API group'
            f' "{type_.group}" {place or "at the cluster scope"}',
        )

    def _what_there_is(self, request: web.BaseRequest, path: str) -> web.Response:
        accept = request.headers.get("Accept", "")
        found = self._discovery.document(path, accept=accept, address=request.host)
        if found is None:
            raise no_such_path()
        return answers.plain(found.body, media=found.media)


class _Lookup:
    """What the rules of access read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def one(self, resource: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        data = self._store.read(Key(resource, namespace, name))
        return orjson.loads(data) if data else None

    def all(self, resource: str, namespace: str) -> Iterator[Mapping[str, Any]]:
        return map(orjson.loads, self._store.list(resource, namespace))
