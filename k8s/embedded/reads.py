"""get, list and watch: of what is committed, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import orjson
from aiohttp import web

from k8s.embedded import answers, requests
from k8s.embedded.refusals import expired, not_found, too_large_version
from k8s.embedded.requests import Query, Target
from k8s.embedded.selectors import selectable
from k8s.embedded.store import Store
from k8s.embedded.watches import Watch


class Reads:
    def __init__(
        self, store: Store, *, now: Callable[[], datetime], bookmark_seconds: float
    ) -> None:
        self._bookmark_seconds = bookmark_seconds
        self._store = store
        self._now = now

    def get(self, request: web.BaseRequest, target: Target) -> web.Response:
        form = requests.form(request.headers.get("Accept", ""))
        data = self._store.read(target.key)
        if data is None:
            raise not_found(target.type, target.name)
        if form == "table":
            version = answers.version_of(data)
            return answers.table(target.type, [data], self._now(), version=version)
        return answers.plain(data)

    async def collection(
        self, request: web.BaseRequest, target: Target, query: Query
    ) -> web.StreamResponse:
        """A list, or a watch until it ends."""
        form = requests.form(request.headers.get("Accept", ""))
        if query.watch:
            watch = Watch(
                self._store,
                target,
                query,
                form,
                now=self._now,
                bookmark_seconds=self._bookmark_seconds,
            )
            return await watch.run(request)
        bodies, version = self._listed(target, query)
        if form == "table":
            return answers.table(target.type, bodies, self._now(), version=version)
        head = (
            f'{{"kind":"{target.type.kind}List","apiVersion":"{target.type.api_version}",'
            f'"metadata":{{"resourceVersion":"{version}"}},"items":['
        )
        return answers.plain(head.encode() + b",".join(bodies) + b"]}")

    def _listed(self, target: Target, query: Query) -> tuple[Sequence[bytes], int]:
        current = self._store.history.version
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
