"""One watch: what was missed, then what happens, as lines of JSON.

Changes that wait are sent in one write. The stored bytes of an object are sent as they are; only a
table has to be made anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web

from k8s.embedded import views
from k8s.embedded.history import Interest, Seen, Watcher
from k8s.embedded.refusals import FieldError, Refusal, expired, invalid_options
from k8s.embedded.requests import Form, Query, Target
from k8s.embedded.selectors import Selectable, selectable
from k8s.embedded.store import Store

_LONGEST_SECONDS = 3600.0
_INITIAL_END = "k8s.io/initial-events-end"


class Watch:
    """The state of one watch request; `run` sends until its time is over or the client is gone."""

    def __init__(
        self,
        store: Store,
        target: Target,
        query: Query,
        form: Form,
        *,
        now: Callable[[], datetime],
        bookmark_seconds: float,
    ) -> None:
        self._store = store
        self._type = target.type
        self._query = query
        self._table = form == "table"
        self._columns_sent = False
        self._now = now
        self._bookmark_seconds = bookmark_seconds
        self._namespace = target.namespace
        self._interest = Interest(target.type.key, target.namespace, query.selector)

    async def run(self, request: web.BaseRequest) -> web.StreamResponse:
        initial_end = self._initial_end()
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        with self._store.history.watching(self._interest) as watcher:
            # no await between here and the past: nothing is missed and nothing comes twice
            try:
                past = self._past()
            except Refusal as refusal:
                await response.prepare(request)
                await response.write(_error_line(refusal))
                return response
            version = self._store.history.version
            await response.prepare(request)
            head = b"".join(self._line(seen) for seen in past)
            if initial_end:
                head += self._bookmark(version, initial_end=True)
            with suppress(ConnectionResetError):  # the client hung up; watches end that way
                if head:
                    await response.write(head)
                await self._follow(watcher, response)
        return response

    async def _follow(self, watcher: Watcher, response: web.StreamResponse) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + min(self._query.timeout_seconds or _LONGEST_SECONDS, _LONGEST_SECONDS)
        while (left := end - loop.time()) > 0:
            batch = await watcher.next(timeout_seconds=min(left, self._bookmark_seconds))
            if batch:
                await response.write(b"".join([self._line(seen) for seen in batch]))
            elif watcher.ended:
                break
            elif self._query.bookmarks:
                await response.write(self._bookmark(self._store.history.version))

    def _initial_end(self) -> bool:
        query = self._query
        if not query.initial_events:
            return False
        if query.version_match != "NotOlderThan":
            detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            error = FieldError("resourceVersionMatch", "Forbidden", detail)
            raise invalid_options("ListOptions", error)
        return query.bookmarks

    def _past(self) -> Iterable[Seen]:
        """Everything there is for a watch from no version, else what happened since."""
        history, asked = self._store.history, self._query.version
        if not asked or self._query.initial_events:
            return self._present()
        if asked < history.oldest or asked > history.version:
            raise expired(asked, history.oldest)
        return list(history.since(asked, self._interest))

    def _present(self) -> Sequence[Seen]:
        bodies = self._store.list(self._type.key, self._namespace)
        selector = self._interest.selector
        if selector:
            bodies = [body for body in bodies if selector.matches(self._selectable(body))]
        return [Seen("ADDED", body, 0) for body in bodies]

    def _selectable(self, body: bytes) -> Selectable:
        return selectable(self._type.key, orjson.loads(body))

    def _line(self, seen: Seen) -> bytes:
        if not self._table:
            return seen.line
        body = orjson.loads(seen.body)
        columns = None if self._columns_sent else views.definitions(self._type)
        self._columns_sent = True
        row = views.row(self._type, body, self._now())
        table = views.table(columns, [row], body["metadata"]["resourceVersion"])
        return _encoded(seen.type, table)

    def _bookmark(self, version: int, *, initial_end: bool = False) -> bytes:
        meta: dict[str, Any] = {"resourceVersion": str(version)}
        if initial_end:
            meta["annotations"] = {_INITIAL_END: "true"}
        kind = {"kind": self._type.kind, "apiVersion": self._type.api_version}
        return _encoded("BOOKMARK", {**kind, "metadata": meta})


def _encoded(type_: str, body: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": type_, "object": body}) + b"\n"


def _error_line(refusal: Refusal) -> bytes:
    return _encoded("ERROR", refusal.wire())
