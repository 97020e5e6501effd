"""Objects in SQLite: rows of finished bytes, one counter of versions, one transaction per loop turn.

Whoever writes in one turn of the event loop shares a transaction; it is committed, with fsync, when
the turn is over, and only then do writers get their answer and watchers their event. All state of
consequence is in the file: after a crash, or a commit that failed, nothing has to be repaired.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from k8s.embedded.history import Change, History, Key
from k8s.embedded.selectors import selectable

_SCHEMA = 1
_APPLICATION = 0x464F5245  # "FORE"
_TABLES = """
CREATE TABLE objects (
    resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX objects_by_key ON objects (resource, namespace, name);
CREATE TABLE owners (
    uid TEXT NOT NULL, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (uid, resource, namespace, name)) WITHOUT ROWID;
CREATE TABLE counter (version INTEGER NOT NULL);
INSERT INTO counter VALUES (1);
"""
_AT = "WHERE resource = ? AND namespace = ? AND name = ?"
_GET = f"SELECT body FROM objects {_AT}"  # noqa: S608 - constants only
_UPDATE = f"UPDATE objects SET body = ? {_AT}"  # noqa: S608
_DELETE = f"DELETE FROM objects {_AT}"  # noqa: S608


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


class Store:
    """Writes take effect at once; `settled` waits until they are on disk and can be read."""

    def __init__(self, directory: Path) -> None:
        self._lock = _locked(directory / "lock")
        try:
            self._db = _opened(directory / "objects.db")
        except BaseException:
            os.close(self._lock)
            raise
        self._reader = sqlite3.connect(directory / "objects.db", isolation_level=None)
        self._reader.execute("PRAGMA query_only = 1")
        self._version = self._counted()
        self.history = History(version=self._version)
        self._open = False  # a transaction
        self._waiters: list[asyncio.Future[None]] = []
        self._changes: list[Change] = []

    @property
    def version(self) -> int:
        """The last version given out, committed or not."""
        return self._version

    async def settled(self) -> None:
        """Wait for the commit of what was written; raises StoreError when it failed."""
        if self._open:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    # reads of what is committed, in step with `history.version`

    def read(self, key: Key) -> bytes | None:
        row = self._reader.execute(_GET, key).fetchone()
        return row[0] if row else None

    def list(self, resource: str, namespace: str = "") -> Sequence[bytes]:
        """Bodies ordered by namespace and name; an empty namespace means all."""
        query = "SELECT body FROM objects INDEXED BY objects_by_key WHERE resource = ?"
        values = [resource]
        if namespace:
            query += " AND namespace = ?"
            values.append(namespace)
        rows = self._reader.execute(query + " ORDER BY namespace, name", values)
        return [body for (body,) in rows]

    # reads for a write: they see what this turn wrote before

    def get(self, key: Key) -> bytes | None:
        row = self._db.execute(_GET, key).fetchone()
        return row[0] if row else None

    def keys_in(self, namespace: str) -> Sequence[Key]:
        query = "SELECT resource, namespace, name FROM objects WHERE namespace = ?"
        return [Key(*row) for row in self._db.execute(query, (namespace,))]

    def dependents(self, owner: str) -> Sequence[Key]:
        """Objects that name *owner* (a uid) among their owners."""
        query = "SELECT resource, namespace, name FROM owners WHERE uid = ?"
        return [Key(*row) for row in self._db.execute(query, (owner,))]

    def owned(self) -> Sequence[Key]:
        """Objects that name any owner."""
        query = "SELECT DISTINCT resource, namespace, name FROM owners"
        return [Key(*row) for row in self._db.execute(query)]

    # writes

    def create(self, key: Key, body: dict[str, Any]) -> bytes | None:
        """Store a new object and stamp its version; None when the name is taken."""
        with self._writing():
            version, data = self._stamped(body)
            try:
                self._db.execute("INSERT INTO objects VALUES (?, ?, ?, ?)", (*key, data))
            except sqlite3.IntegrityError:
                return None
            self._own(key, _owners(body))
            now = selectable(key.resource, body)
            self._changes.append(Change(version, "ADDED", key, data, now, None))
            return data

    def replace(self, key: Key, body: dict[str, Any], *, before: dict[str, Any]) -> bytes:
        """Store *body* over the existing object *before* and stamp its version."""
        with self._writing():
            version, data = self._stamped(body)
            self._db.execute(_UPDATE, (data, *key))
            if (owners := _owners(body)) != (old := _owners(before)):
                self._disown(key, old)
                self._own(key, owners)
            was = selectable(key.resource, before)
            now = selectable(key.resource, body)
            self._changes.append(Change(version, "MODIFIED", key, data, now, was))
            return data

    def delete(self, key: Key, body: dict[str, Any]) -> bytes:
        """Delete the existing object *body*; the bytes are its last state, stamped."""
        with self._writing():
            version, data = self._stamped(body)
            self._db.execute(_DELETE, key)
            self._disown(key, _owners(body))
            was = selectable(key.resource, body)
            self._changes.append(Change(version, "DELETED", key, data, was, was))
            return data

    def close(self) -> None:
        """Commit what is open, end all watches and give the file back."""
        self._commit()
        self.history.close()
        self._reader.close()
        self._db.close()
        os.close(self._lock)

    # the transaction of this turn

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            if not self._open:
                self._db.execute("BEGIN IMMEDIATE")
                self._open = True
                asyncio.get_running_loop().call_soon(self._commit)
            yield
        except sqlite3.Error as exc:
            raise self._failed(exc) from exc

    def _commit(self) -> None:
        if not self._open:
            return
        try:
            self._db.execute("UPDATE counter SET version = ?", (self._version,))
            self._db.execute("COMMIT")
        except sqlite3.Error as exc:
            self._failed(exc)
            return
        self._open = False
        changes, self._changes = self._changes, []
        self.history.publish(changes, version=self._version)
        for waiter in self._released():
            waiter.set_result(None)

    def _failed(self, exc: sqlite3.Error) -> StoreError:
        """Undo the whole turn: each of its writers gets the error."""
        error = StoreError(f"the database did not take the write: {exc}")
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("ROLLBACK")
        self._version = self._counted()
        self._changes.clear()
        self._open = False
        for waiter in self._released():
            waiter.set_exception(error)
        return error

    def _released(self) -> Sequence[asyncio.Future[None]]:
        """Who waited for this transaction and was not cancelled since."""
        waiters, self._waiters = self._waiters, []
        return [waiter for waiter in waiters if not waiter.done()]

    def _counted(self) -> int:
        (version,) = self._db.execute("SELECT version FROM counter").fetchone()
        return int(version)

    def _stamped(self, body: dict[str, Any]) -> tuple[int, bytes]:
        self._version += 1
        body["metadata"]["resourceVersion"] = str(self._version)
        return self._version, orjson.dumps(body)

    def _own(self, key: Key, owners: Iterable[str]) -> None:
        for uid in owners:
            self._db.execute("INSERT INTO owners VALUES (?, ?, ?, ?)", (uid, *key))

    def _disown(self, key: Key, owners: Iterable[str]) -> None:
        for uid in owners:
            self._db.execute(f"DELETE FROM owners {_AT} AND uid = ?", (*key, uid))  # noqa: S608


def _owners(body: dict[str, Any]) -> set[str]:
    return {owner["uid"] for owner in body["metadata"].get("ownerReferences") or ()}


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(descriptor)
        raise StoreError(
            f"{path.parent}: another process serves this directory; stop it or choose another"
        ) from exc
    return descriptor


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # never world-readable
    db = sqlite3.connect(path, isolation_level=None, cached_statements=64)
    try:
        _prepared(db, path)
    except sqlite3.DatabaseError as exc:
        db.close()
        raise StoreError(f"{path}: not a database of ours ({exc}); move it away") from exc
    except BaseException:
        db.close()
        raise
    return db


def _prepared(db: sqlite3.Connection, path: Path) -> None:
    (found,) = db.execute("PRAGMA user_version").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != _APPLICATION:
        raise StoreError(f"{path}: belongs to another application; move it away")
    if found > _SCHEMA:
        raise StoreError(
            f"{path}: written by a newer version (schema {found}, this one knows {_SCHEMA});"
            " update foreman or choose another directory"
        )
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")  # a power cut loses no acknowledged write either
    db.execute(f"PRAGMA journal_size_limit = {16 << 20}")
    if not tables:
        db.executescript(
            f"BEGIN; {_TABLES} PRAGMA application_id = {_APPLICATION};"
            f" PRAGMA user_version = {_SCHEMA}; COMMIT;"
        )
