"""create, replace, patch and delete: from a request to the rules, and back when it is on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

import orjson
from aiohttp import web

from k8s import unused
from k8s.embedded import answers, bodies, patches, requests
from k8s.embedded.objects import Body, Objects, Preconditions, Written
from k8s.embedded.refusals import (
    FieldError,
    bad_request,
    invalid,
    invalid_options,
    method_not_allowed,
    no_such_path,
    unsupported_media_type,
)
from k8s.embedded.requests import Target
from k8s.meta import GROUP


class Writes:
    def __init__(self, objects: Objects, *, now: Callable[[], datetime]) -> None:
        self._objects = objects
        self._now = now

    async def create(
        self, request: web.BaseRequest, target: Target, permit: Callable[[str], None]
    ) -> web.Response:
        """Store the body as a new object, when *permit* raises nothing for its name."""
        if target.name:
            raise method_not_allowed()
        if target.type.namespaced and not target.namespace:
            raise no_such_path()
        body = await bodies.read(request)
        permit(bodies.name(body))
        mode = requests.validation(requests.parameters(request))
        idle = _idle(target, body)
        written = self._objects.create(target.type, target.namespace, body, validation=mode)
        return await self._written(request, target, written, status=201, idle=idle)

    async def replace(self, request: web.BaseRequest, target: Target) -> web.Response:
        body = await bodies.read(request)
        type_, key = target.type, target.key
        mode = requests.validation(requests.parameters(request))
        if type_.create_on_replace and self._objects.store.get(key) is None:
            written = self._objects.create(type_, target.namespace, body, validation=mode)
            return await self._written(request, target, written, status=201)
        if bodies.name(body) not in ("", target.name):
            raise bad_request(
                f"the name of the object ({bodies.name(body)}) does not match the name on the URL"
                f" ({target.name})"
            )
        meta = body.get("metadata")
        if type_.version_to_replace and not (
            isinstance(meta, dict) and meta.get("resourceVersion")
        ):
            detail = "must be specified for an update"
            error = FieldError("metadata.resourceVersion", "Invalid", detail, 0)
            raise invalid(type_, target.name, [error])
        idle = _idle(target, body)
        written = self._objects.change(
            type_,
            key,
            lambda _: body,
            subresource=_subresource(target),
            validation=mode,
            replacing=True,
        )
        return await self._written(request, target, written, idle=idle)

    async def patch(self, request: web.BaseRequest, target: Target) -> web.Response:
        accepted = [patches.MERGE] if target.type.custom else [patches.MERGE, patches.STRATEGIC]
        media = bodies.media(request)
        if media not in accepted:
            raise unsupported_media_type(accepted)
        apply = patches.merged if media == patches.MERGE else patches.strategically_merged
        patch = await bodies.read(request)
        mode = requests.validation(requests.parameters(request))
        written = self._objects.change(
            target.type,
            target.key,
            lambda old: apply(old, patch),
            subresource=_subresource(target),
            validation=mode,
            patch=orjson.dumps(patch).decode() if mode == "Strict" else "",
        )
        return await self._written(request, target, written, idle=_idle(target, patch))

    async def delete(self, request: web.BaseRequest, target: Target) -> web.Response:
        if target.subresource:
            raise method_not_allowed()
        options = await bodies.read(request) if request.body_exists else {}
        given = requests.parameters(request)
        requests.refuse_dry_run(options.get("dryRun") or given.get("dryRun"))
        policy = options.get("propagationPolicy") or given.get("propagationPolicy", "")
        if policy not in ("", "Background"):
            error = FieldError(
                "propagationPolicy", "Unsupported", 'supported values: "Background"', policy
            )
            raise invalid_options("DeleteOptions", error)
        wanted = options.get("preconditions") or {}
        if not isinstance(wanted, dict):
            raise bad_request("preconditions: not an object")
        gone = self._objects.delete(
            target.type,
            target.key,
            Preconditions(wanted.get("uid"), wanted.get("resourceVersion")),
        )
        await self._objects.store.settled()
        return answers.plain(orjson.dumps(_success(target, gone)))

    async def _written(
        self,
        request: web.BaseRequest,
        target: Target,
        written: Written,
        *,
        status: int = 200,
        idle: Sequence[str] = (),
    ) -> web.Response:
        await self._objects.store.settled()
        if requests.form(request.headers.get("Accept", "")) == "table":
            version = answers.version_of(written.body)
            response = answers.table(
                target.type, [written.body], self._now(), version=version, status=status
            )
        else:
            response = answers.plain(written.body, status=status)
        answers.warn(response, [*written.warnings, *idle])
        return response


def _idle(target: Target, body: Body) -> Sequence[str]:
    """What to tell of fields that *body* sets for nothing; asked before anything fills it up."""
    if target.type.group != GROUP or target.subresource:
        return ()
    return unused.warnings(target.type.kind, body)


def _subresource(target: Target) -> Literal["", "status"]:
    return "status" if target.subresource else ""


def _success(target: Target, gone: Body) -> dict[str, Any]:
    details = {"name": target.name, "group": target.type.group, "kind": target.type.plural}
    details = {key: value for key, value in details.items() if value}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {**details, "uid": gone["metadata"]["uid"]},
    }
