"""Create, change and delete: from the client's body to the stored bytes.

Every function here runs to its end within one turn of the event loop, so that reading, deciding and
writing are one step; the caller waits for the commit before it answers.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from k8s import admission
from k8s.embedded import kinds, metadata
from k8s.embedded.history import Key
from k8s.embedded.refusals import (
    FieldError,
    Refusal,
    already_exists,
    bad_request,
    conflict,
    forbidden,
    invalid,
    not_found,
    precondition_failed,
)
from k8s.embedded.store import Store
from k8s.embedded.types import ResourceType, Types
from k8s.meta import GROUP

FieldValidation = Literal["Strict", "Warn", "Ignore"]
Body = dict[str, Any]
_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_GENERATE_TRIES = 8


def random_suffix(length: int) -> str:
    return "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(length))


@dataclass(frozen=True)
class Written:
    """What a write left behind, and what to warn its sender of."""

    body: bytes
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Preconditions:
    uid: str | None = None
    resource_version: str | None = None


class Objects:
    """The rules over the store. *suspect* hears of objects that may have lost their last owner."""

    def __init__(
        self,
        store: Store,
        types: Types,
        *,
        now: Callable[[], datetime],
        suspect: Callable[[Sequence[Key]], None],
        suffix: Callable[[int], str] = random_suffix,
    ) -> None:
        self.store = store
        self.types = types
        self.now = now
        self._suspect = suspect
        self._suffix = suffix
        self._namespaces: set[str] = set()  # committed and not deleted since

    def create(
        self, type_: ResourceType, namespace: str, body: Body, *, validation: FieldValidation
    ) -> Written:
        """Store a new object; raises `Refusal`."""
        meta = _opened(type_, namespace, body)
        self._refuse_missing(namespace)
        if meta.get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        generated = not meta.get("name") and bool(meta.get("generateName"))
        if type_.status:
            body.pop("status", None)
        warnings = _checked(type_, body, validation)
        for _ in range(_GENERATE_TRIES if generated else 1):
            if generated:
                meta["name"] = metadata.generated_name(meta["generateName"], self._suffix)
            if data := self._begin(type_, namespace, body):
                return Written(data, warnings)
        raise already_exists(type_, meta["name"])

    def _refuse_missing(self, namespace: str) -> None:
        if not namespace or namespace in self._namespaces:
            return
        key = Key("namespaces", "", namespace)
        if self.store.get(key) is None:
            raise not_found(self.types["namespaces"], namespace)
        if self.store.read(key) is not None:
            self._namespaces.add(namespace)

    def _begin(self, type_: ResourceType, namespace: str, body: Body) -> bytes | None:
        now = self.now()
        meta = metadata.begun(
            body["metadata"], uid=str(uuid.uuid4()), now=now, generation=type_.generations
        )
        if namespace:
            meta["namespace"] = namespace
        fresh = {**body, "metadata": meta}
        kinds.begin(type_.key, fresh)
        kinds.settle(type_.key, fresh)
        self._refuse_faults(type_, fresh, None)
        data = self.store.create(Key(type_.key, namespace, meta["name"]), fresh)
        if data and meta.get("ownerReferences"):
            self._suspect([Key(type_.key, namespace, meta["name"])])
        return data

    def change(
        self,
        type_: ResourceType,
        key: Key,
        changed: Callable[[Body], Body],
        *,
        subresource: Literal["", "status"] = "",
        validation: FieldValidation,
        patch: str = "",
        replacing: bool = False,
    ) -> Written:
        """Store what *changed* makes of the object; raises `Refusal`.

        *patch* is the patch as text: faults of unknown fields are told of it, as kube-apiserver does.
        """
        data = self.store.get(key)
        if data is None:
            raise not_found(type_, key.name)
        old: Body = orjson.loads(data)
        new = changed(old)
        meta = _opened(type_, key.namespace, new)
        _same_object(type_, key, meta, old["metadata"], replacing=replacing)
        new = _divided(type_, new, old, subresource)
        warnings = _checked(type_, new, validation, patch=patch)
        new["metadata"] = metadata.carried(new["metadata"], old["metadata"])
        kinds.settle(type_.key, new)
        if type_.generations and _essence(type_, new) != _essence(type_, old):
            new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        if new == old:
            return Written(data, warnings)
        self._refuse_faults(type_, new, old)
        written = self.store.replace(key, new, before=old)
        if new["metadata"].get("ownerReferences") != old["metadata"].get("ownerReferences"):
            self._suspect([key])
        return Written(written, warnings)

    def delete(self, type_: ResourceType, key: Key, wanted: Preconditions) -> Body:
        """Delete the object and return what it was; raises `Refusal`."""
        data = self.store.get(key)
        if data is None:
            raise not_found(type_, key.name)
        body: Body = orjson.loads(data)
        meta = body["metadata"]
        _hold(type_, key.name, wanted, meta)
        if type_.key == "namespaces":
            if key.name in kinds.PERMANENT_NAMESPACES:
                raise forbidden(type_, key.name, "this namespace may not be deleted")
            self._namespaces.discard(key.name)
            for inside in self.store.keys_in(key.name):
                self._remove(inside)
        self._remove(key)
        return body

    def _remove(self, key: Key) -> None:
        if (data := self.store.get(key)) is not None:
            body = orjson.loads(data)
            dependents = self.store.dependents(body["metadata"]["uid"])
            self.store.delete(key, body)
            self._suspect(dependents)

    def _refuse_faults(self, type_: ResourceType, body: Body, old: Body | None) -> None:
        faults = metadata.faults(type_, body["metadata"])
        faults += kinds.faults(type_.key, body, old)
        if old is not None:
            faults += _order_faults(type_, body, old)
        if faults:
            raise invalid(type_, body["metadata"].get("name", ""), faults)


def _order_faults(type_: ResourceType, body: Body, old: Body) -> list[FieldError]:
    if type_.group == GROUP:
        broken = admission.violations(type_.kind, old, body)
        return [FieldError(rule.field, "Forbidden", rule.message) for rule in broken]
    if type_.read_only and body.get("spec") != old.get("spec"):
        detail = "definitions are printed from the program's models; update foreman instead"
        return [FieldError("spec", "Forbidden", detail)]
    return []


def _opened(type_: ResourceType, namespace: str, body: Body) -> Body:
    """The metadata of a body that fits the request; raises `Refusal` where it does not."""
    if not type_.custom:
        body.setdefault("apiVersion", type_.api_version)
        body.setdefault("kind", type_.kind)
    if not body.get("kind"):
        raise bad_request(f"Object 'Kind' is missing in '{orjson.dumps(body).decode()}'")
    if body.get("apiVersion") != type_.api_version:
        raise bad_request(
            f"the API version in the data ({body.get('apiVersion', '')}) does not match the"
            f" expected API version ({type_.api_version})"
        )
    if body["kind"] != type_.kind:
        raise _other_kind(type_, body)
    meta = body.get("metadata")
    if not isinstance(meta, dict):
        if meta is not None:
            raise bad_request(f"{type_.kind}: metadata is not an object")
        meta = body["metadata"] = {}
    if meta.get("namespace") and meta["namespace"] != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return meta


def _checked(
    type_: ResourceType, body: Body, validation: FieldValidation, *, patch: str = ""
) -> list[str]:
    """Default, prune and validate in place; the warnings. Raises `Refusal`."""
    schema = type_.schema
    schema.default(body)
    if schema.accepts(body):
        return []
    unknown = schema.prune(body)
    schema.default(body)
    told = [f'unknown field "{path}"' for path in unknown]
    if told and validation == "Strict":
        raise _strict(type_, body, ", ".join(told), patch)
    if errors := schema.errors(body):
        undecodable = [e for e in errors if not type_.custom or e.field.startswith("metadata")]
        if undecodable and any(e.fault == "TypeInvalid" for e in undecodable):
            raise _undecodable(type_, undecodable[0])
        raise invalid(type_, body["metadata"].get("name", ""), errors)
    return told if validation == "Warn" else []


def _strict(type_: ResourceType, body: Body, told: str, patch: str) -> Refusal:
    if patch:
        error = FieldError("patch", "Invalid", f"strict decoding error: {told}", patch)
        return invalid(type_, body["metadata"].get("name", ""), [error])
    return bad_request(f"{_handled(type_)}: strict decoding error: {told}")


def _undecodable(type_: ResourceType, error: FieldError) -> Refusal:
    wanted = error.detail.partition("must be of type ")[2].partition(":")[0]
    seen = {"integer": "number", "boolean": "bool"}.get(error.value, error.value)
    return bad_request(
        f"{_handled(type_)}: json: cannot unmarshal {seen} into Go struct field"
        f" {type_.kind}.{error.field} of type {wanted}"
    )


def _handled(type_: ResourceType) -> str:
    return f'{type_.kind} in version "{type_.version}" cannot be handled as a {type_.kind}'


def _same_object(
    type_: ResourceType,
    key: Key,
    meta: Mapping[str, Any],
    old: Mapping[str, Any],
    *,
    replacing: bool,
) -> None:
    if meta.get("name", key.name) != key.name:
        raise bad_request(
            f"the name of the object ({meta['name']}) does not match the name on the URL"
            f" ({key.name})"
        )
    if meta.get("resourceVersion", "") not in ("", old["resourceVersion"]):
        raise conflict(type_, key.name)
    if meta.get("uid", "") not in ("", old["uid"]):
        if replacing:
            why = f"Precondition failed: UID in precondition: {meta['uid']}, UID in object meta: "
            raise precondition_failed(type_, key.name, why + old["uid"])
        error = FieldError("metadata.uid", "Invalid", "field is immutable", meta["uid"])
        raise invalid(type_, key.name, [error])


def _hold(type_: ResourceType, name: str, wanted: Preconditions, meta: Mapping[str, Any]) -> None:
    for label, asked, found, happened in (
        ("UID", wanted.uid, meta["uid"], "deleted and then recreated"),
        ("ResourceVersion", wanted.resource_version, meta["resourceVersion"], "modified"),
    ):
        if asked and asked != found:
            why = (
                f"the {label} in the precondition ({asked}) does not match the {label} in record"
                f" ({found}). The object might have been {happened}"
            )
            raise precondition_failed(type_, name, why)


def _other_kind(type_: ResourceType, body: Body) -> Refusal:
    """A body of another kind: kube-apiserver finds it by validation in custom kinds only."""
    kind = body["kind"]
    if not type_.custom:
        return bad_request(
            f"the kind in the data ({kind}) does not match the expected kind ({type_.kind})"
        )
    meta = body.get("metadata")
    name = str(meta.get("name", "")) if isinstance(meta, dict) else ""
    return invalid(type_, name, [FieldError("kind", "Invalid", f"must be {type_.kind}", kind)])


def _divided(type_: ResourceType, new: Body, old: Body, subresource: str) -> Body:
    """The part of *new* that this request may change, the rest of *old*."""
    if not type_.status:
        return new
    source, status = (old, new) if subresource == "status" else (new, old)
    divided = {key: value for key, value in source.items() if key != "status"}
    if "status" in status:
        divided["status"] = status["status"]
    return divided


def _essence(type_: ResourceType, body: Body) -> Body:
    """What a generation counts the changes of."""
    left_out = ("metadata", "status") if type_.status or type_.read_only else ("metadata",)
    return {key: value for key, value in body.items() if key not in left_out}
