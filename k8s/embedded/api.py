"""HTTP in, HTTP out: who asks, what for, which of the rules answers.

Below aiohttp's own application and router, because a path here is a grammar and not a list of
routes, and because each create pays for what stands between it and the socket.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import parse_qsl

import orjson
import structlog
from aiohttp import web
from multidict import CIMultiDict

from k8s.embedded import discovery, patches, protobuf, requests, views
from k8s.embedded.access import Attempt, Role, Tokens, allowed
from k8s.embedded.history import Key
from k8s.embedded.objects import Body, Objects, Preconditions, Written
from k8s.embedded.openapi import OpenAPI
from k8s.embedded.refusals import (
    FieldError,
    Refusal,
    bad_request,
    expired,
    forbidden,
    internal,
    invalid,
    invalid_options,
    method_not_allowed,
    no_such_path,
    not_found,
    too_large,
    too_large_version,
    unauthorized,
    unsupported_media_type,
)
from k8s.embedded.requests import Query, Target
from k8s.embedded.selectors import selectable
from k8s.embedded.store import Store, StoreError
from k8s.embedded.types import ResourceType, Types
from k8s.embedded.watches import Watch

BODY_LIMIT = 3 << 20
_DEPTH_LIMIT = 128  # orjson writes 254 levels, jsonschema_rs reads 255
_OPENAPI_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_USER = "foreman:{role}"
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
    ) -> None:
        self._objects = objects
        self._store: Store = objects.store
        self._types: Types = objects.types
        self._tokens = tokens
        self._now = now
        self._node_name = node_name

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; nothing it raises gets out."""
        try:
            role = self._tokens.role(request.headers.get("Authorization", ""))
            if role is None:
                raise unauthorized()
            path = request.rel_url.raw_path
            depth = path.count("/")
            if (path.startswith("/apis/") and depth > 3) or (
                path.startswith("/api/") and depth > 2
            ):
                return await self._resource(request, requests.target(path, self._types), role)
            return self._discovered(request, path) or _refused(no_such_path())
        except Refusal as refusal:
            return _refused(refusal)
        except web.HTTPRequestEntityTooLarge:
            return _refused(too_large(BODY_LIMIT))
        except StoreError as exc:
            log.error("embedded.write_failed", error=str(exc))
            return _refused(internal(str(exc)))
        except ConnectionError:
            raise  # the client went away
        except Exception as exc:
            log.exception("embedded.request_failed", method=request.method)
            return _refused(internal(f"{type(exc).__name__}; see the server's log"))

    # objects

    async def _resource(
        self, request: web.BaseRequest, target: Target, role: Role
    ) -> web.StreamResponse:
        verb = _VERBS.get(request.method)
        if verb is None or (target.type.read_only and verb in ("create", "delete")):
            raise method_not_allowed()
        if verb == "get" and not target.name:
            return await self._collection(request, target, role)
        if verb == "create":
            return await self._create(request, target, role)
        if not target.name:
            raise method_not_allowed(
                f"{target.type.plural}: {verb} of a collection is not served by this API;"
                " name the object"
            )
        self._authorize(role, verb, target)
        match verb:
            case "get":
                return await self._get(request, target)
            case "update":
                return await self._replace(request, target)
            case "patch":
                return await self._patch(request, target)
            case _:
                return await self._delete(request, target)

    async def _get(self, request: web.BaseRequest, target: Target) -> web.Response:
        form = requests.form(request.headers.get("Accept", ""))
        await self._store.settled()
        data = self._store.get(_key(target))
        if data is None:
            raise not_found(target.type, target.name)
        if form == "table":
            version = orjson.loads(data)["metadata"]["resourceVersion"]
            return self._table(target.type, [data], version)
        return _answer(data)

    async def _collection(
        self, request: web.BaseRequest, target: Target, role: Role
    ) -> web.StreamResponse:
        query = requests.query(_query(request), target.type)
        self._authorize(
            role, "watch" if query.watch else "list", target, query.selector.exact("metadata.name")
        )
        form = requests.form(request.headers.get("Accept", ""))
        if query.watch:
            watch = Watch(self._store, target, query, form, self._now)
            return await watch.run(request)
        await self._store.settled()
        bodies, version = self._listed(target, query)
        if form == "table":
            return self._table(target.type, bodies, str(version))
        head = (
            f'{{"kind":"{target.type.kind}List","apiVersion":"{target.type.api_version}",'
            f'"metadata":{{"resourceVersion":"{version}"}},"items":['
        )
        return _answer(head.encode() + b",".join(bodies) + b"]}")

    def _listed(self, target: Target, query: Query) -> tuple[Sequence[bytes], int]:
        current = self._store.version
        if query.version > current:
            raise too_large_version(query.version, current)
        if query.version_match == "Exact" and query.version != current:
            raise expired(query.version, current)
        key = target.type.key
        bodies = self._store.list(key, target.namespace)
        if query.selector:
            matches = query.selector.matches
            bodies = [data for data in bodies if matches(selectable(key, orjson.loads(data)))]
        return bodies, current

    def _table(self, type_: ResourceType, bodies: Sequence[bytes], version: str) -> web.Response:
        now = self._now()
        rows = [views.row(type_, orjson.loads(data), now) for data in bodies]
        return _answer(orjson.dumps(views.table(views.definitions(type_), rows, version)))

    async def _create(self, request: web.BaseRequest, target: Target, role: Role) -> web.Response:
        if target.name:
            raise method_not_allowed()
        body = await _object(request)
        meta = body.get("metadata")
        name = str(meta.get("name") or "") if isinstance(meta, dict) else ""
        namespace = target.namespace
        if target.type.namespaced and not namespace:
            raise no_such_path()
        self._authorize(role, "create", target, name)
        mode = requests.validation(_query(request))
        requests.refuse_dry_run(_query(request))
        written = self._objects.create(target.type, namespace, body, validation=mode)
        return await self._written(request, target.type, written, status=201)

    async def _replace(self, request: web.BaseRequest, target: Target) -> web.Response:
        body = await _object(request)
        type_, key = target.type, _key(target)
        given = _query(request)
        mode = requests.validation(given)
        requests.refuse_dry_run(given)
        meta = body.get("metadata")
        if type_.create_on_replace and self._store.get(key) is None and not target.subresource:
            written = self._objects.create(type_, target.namespace, body, validation=mode)
            return await self._written(request, type_, written, status=201)
        if isinstance(meta, dict) and meta.get("name", target.name) != target.name:
            raise bad_request(
                f"the name of the object ({meta['name']}) does not match the name on the URL"
                f" ({target.name})"
            )
        if isinstance(meta, dict) and type_.version_to_replace and not meta.get("resourceVersion"):
            error = FieldError(
                "metadata.resourceVersion", "Invalid", "must be specified for an update", 0
            )
            raise invalid(type_, target.name, [error])
        subresource: Literal["", "status"] = "status" if target.subresource else ""
        written = self._objects.change(
            type_,
            key,
            lambda _: body,
            subresource=subresource,
            validation=mode,
            replacing=True,
        )
        return await self._written(request, type_, written)

    async def _patch(self, request: web.BaseRequest, target: Target) -> web.Response:
        accepted = [patches.MERGE] if target.type.custom else [patches.MERGE, patches.STRATEGIC]
        media = request.headers.get("Content-Type", "").partition(";")[0].strip()
        if media not in accepted:
            raise unsupported_media_type(accepted)
        patch = await _object(request)
        apply = patches.merged if media == patches.MERGE else patches.strategically_merged
        given = _query(request)
        mode = requests.validation(given)
        requests.refuse_dry_run(given)
        subresource: Literal["", "status"] = "status" if target.subresource else ""
        written = self._objects.change(
            target.type,
            _key(target),
            lambda old: _dict(apply(old, patch)),
            subresource=subresource,
            validation=mode,
            patch=orjson.dumps(patch).decode() if mode == "Strict" else "",
        )
        return await self._written(request, target.type, written)

    async def _delete(self, request: web.BaseRequest, target: Target) -> web.Response:
        if target.subresource:
            raise method_not_allowed()
        options = await _object(request) if request.body_exists else {}
        given = _query(request)
        requests.refuse_dry_run({"dryRun": options.get("dryRun") or given.get("dryRun", "")})
        policy = options.get("propagationPolicy") or given.get("propagationPolicy", "")
        if policy not in ("", "Background"):
            detail = 'supported values: "Background"'
            error = FieldError("propagationPolicy", "Unsupported", detail, policy)
            raise invalid_options("DeleteOptions", error)
        wanted = options.get("preconditions") or {}
        gone = self._objects.delete(
            target.type,
            _key(target),
            Preconditions(wanted.get("uid"), wanted.get("resourceVersion")),
        )
        await self._store.settled()
        details = {"name": target.name, "group": target.type.group, "kind": target.type.plural}
        details = {key: value for key, value in details.items() if value}
        return _answer(
            orjson.dumps(
                {
                    "kind": "Status",
                    "apiVersion": "v1",
                    "metadata": {},
                    "status": "Success",
                    "details": {**details, "uid": gone["metadata"]["uid"]},
                }
            )
        )

    async def _written(
        self, request: web.BaseRequest, type_: ResourceType, written: Written, *, status: int = 200
    ) -> web.Response:
        await self._store.settled()
        if requests.form(request.headers.get("Accept", "")) == "table":
            version = orjson.loads(written.body)["metadata"]["resourceVersion"]
            response = self._table(type_, [written.body], version)
            response.set_status(status)
        else:
            response = _answer(written.body, status=status)
        for warning in written.warnings:
            escaped = warning.replace("\\", "\\\\").replace('"', '\\"')
            response.headers.add("Warning", f'299 - "{escaped}"')
        return response

    def _authorize(self, role: Role, verb: str, target: Target, name: str | None = None) -> None:
        if role == "admin":
            return
        name = target.name or name or ""
        type_ = target.type
        attempt = Attempt(verb, type_.key, target.namespace, name, target.subresource)
        if allowed(role, attempt, _Lookup(self._store), node_name=self._node_name):
            return
        resource = f"{type_.plural}/{target.subresource}" if target.subresource else type_.plural
        where = (
            f'in the namespace "{target.namespace}"'
            if target.namespace
            else ("at the cluster scope")
        )
        raise forbidden(
            type_,
            name,
            f'User "{_USER.format(role=role)}" cannot {verb} resource "{resource}"'
            f' in API group "{type_.group}" {where}',
        )

    # what there is

    def _discovered(self, request: web.BaseRequest, path: str) -> web.Response | None:
        """The answer to a path that names no object; None when it names one, or nothing."""
        types = self._types
        aggregated = "as=APIGroupDiscoveryList" in request.headers.get("Accept", "")
        found: Any = None
        match path.strip("/").split("/"):
            case ["api" | "apis" as root] if aggregated:
                body = discovery.aggregated(types, legacy=root == "api")
                return _answer(orjson.dumps(body), media=discovery.AGGREGATED)
            case ["api"]:
                found = discovery.legacy_versions(request.host)
            case ["apis"]:
                found = discovery.group_list(types)
            case ["api", version]:
                found = discovery.resource_list(types, "", version)
            case ["apis", name]:
                found = discovery.group(types, name)
            case ["apis", name, version]:
                found = discovery.resource_list(types, name, version)
            case ["version"]:
                found = discovery.version()
            case ["healthz" | "livez" | "readyz"]:
                return _answer(b"ok", media="text/plain")
            case ["openapi", "v2"]:
                # kubectl asks it about kinds that v3 does not have; an empty one says "not here"
                return _answer(b"", media=_OPENAPI_V2)
            case ["openapi", "v3"]:
                return _answer(self._openapi.index)
            case ["openapi", "v3", *rest]:
                document = self._openapi.document("/".join(rest))
                return _answer(document) if document else None
            case _:
                pass
        return _answer(orjson.dumps(found)) if found else None

    @functools.cached_property
    def _openapi(self) -> OpenAPI:
        return OpenAPI(self._types)


class _Lookup:
    """What the rules of access read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def one(self, resource: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        data = self._store.get(Key(resource, namespace, name))
        return orjson.loads(data) if data else None

    def all(self, resource: str, namespace: str) -> Iterator[Mapping[str, Any]]:
        return map(orjson.loads, self._store.list(resource, namespace))


def _key(target: Target) -> Key:
    return Key(target.type.key, target.namespace, target.name)


def _query(request: web.BaseRequest) -> Mapping[str, str]:
    return _parameters(request.rel_url.raw_query_string)


@functools.lru_cache(maxsize=256)
def _parameters(text: str) -> Mapping[str, str]:
    return MappingProxyType(dict(parse_qsl(text)))


async def _object(request: web.BaseRequest) -> Body:
    data = await request.read()
    media = request.headers.get("Content-Type", "application/json").partition(";")[0].strip()
    if media == protobuf.MEDIA:
        return protobuf.decoded(data)
    if not media.endswith("json"):
        raise unsupported_media_type(["application/json", protobuf.MEDIA])
    try:
        body = _dict(orjson.loads(data))
    except orjson.JSONDecodeError as exc:
        raise bad_request(f"the body is not JSON: {exc}") from exc
    if data.count(b"{") + data.count(b"[") > _DEPTH_LIMIT and _too_deep(body):
        raise bad_request(f"the body is nested more than {_DEPTH_LIMIT} levels deep")
    return body


def _too_deep(body: Body) -> bool:
    level: list[Any] = [body]
    for _ in range(_DEPTH_LIMIT):
        inner = [node.values() if isinstance(node, dict) else node for node in level]
        level = [
            child for children in inner for child in children if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _dict(value: Any) -> Body:
    if not isinstance(value, dict):
        raise bad_request("the body is not a JSON object")
    return value


def _answer(body: bytes, *, status: int = 200, media: str = "application/json") -> web.Response:
    return web.Response(body=body, status=status, headers=CIMultiDict({"Content-Type": media}))


def _refused(refusal: Refusal) -> web.Response:
    return _answer(orjson.dumps(refusal.wire()), status=refusal.code)
