"""The few messages that kubectl sends as protobuf: `create configmap`, `secret` and `namespace`.

Typed Go clients of core kinds write protobuf and have no second try in JSON. Only reading is needed:
our answers are JSON, which they accept. Messages are read by tables of the fields that JSON has too.
https://kubernetes.io/docs/reference/using-api/api-concepts/#kubernetes-protobuf-encoding
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from k8s.embedded.refusals import bad_request, unsupported_media_type

MEDIA = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

_Read = Callable[[Any], Any]
_Fields = Mapping[int, tuple[str, _Read, str]]  # number: JSON name, reader, one | many | map


def decoded(data: bytes) -> dict[str, Any]:
    """The JSON form of an object in Kubernetes' protobuf envelope; raises `Refusal`."""
    if not data.startswith(_MAGIC):
        raise bad_request("the body has no protobuf envelope of Kubernetes")
    try:
        envelope = _message(_ENVELOPE)(data[len(_MAGIC) :])
        kind = envelope.get("typeMeta", {})
        fields = _KINDS.get((kind.get("apiVersion", ""), kind.get("kind", "")))
        if fields is None:
            raise unsupported_media_type(["application/json"])
        return {**kind, **_message(fields)(envelope.get("raw", b""))}
    except (IndexError, ValueError, TypeError, AttributeError) as exc:
        raise bad_request(f"the body is not the protobuf of its kind: {exc}") from exc


def _message(fields: _Fields) -> _Read:
    def read(data: bytes) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, value in _parts(data):
            if number not in fields:
                continue
            name, reader, many = fields[number]
            if many == "map":
                entry = dict(_parts(value))
                key = entry.get(1, b"").decode()
                found.setdefault(name, {})[key] = reader(entry.get(2, b""))
            elif many == "many":
                found.setdefault(name, []).append(reader(value))
            else:
                found[name] = reader(value)
        return {name: value for name, value in found.items() if value not in ("", {}, [])}

    return read


def _parts(data: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, raw value) of a message."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, position = _varint(data, position)
            yield number, value
            continue
        if wire == _BYTES:
            size, position = _varint(data, position)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire} at byte {position}")
        if position + size > len(data):
            raise ValueError(f"field {number} ends beyond the body")
        yield number, data[position : position + size]
        position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError(f"a number of more than 64 bits at byte {position}")


def _text(value: bytes) -> str:
    return value.decode()


def _raw(value: bytes) -> bytes:
    return bytes(value)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


_META: _Fields = {
    1: ("name", _text, "one"),
    2: ("generateName", _text, "one"),
    3: ("namespace", _text, "one"),
    5: ("uid", _text, "one"),
    6: ("resourceVersion", _text, "one"),
    11: ("labels", _text, "map"),
    12: ("annotations", _text, "map"),
    13: (
        "ownerReferences",
        _message(
            {
                1: ("kind", _text, "one"),
                3: ("name", _text, "one"),
                4: ("uid", _text, "one"),
                5: ("apiVersion", _text, "one"),
                6: ("controller", bool, "one"),
                7: ("blockOwnerDeletion", bool, "one"),
            }
        ),
        "many",
    ),
    14: ("finalizers", _text, "many"),
}
_ENVELOPE: _Fields = {
    1: ("typeMeta", _message({1: ("apiVersion", _text, "one"), 2: ("kind", _text, "one")}), "one"),
    2: ("raw", _raw, "one"),
}
_KINDS: dict[tuple[str, str], _Fields] = {
    ("v1", "Namespace"): {1: ("metadata", _message(_META), "one")},
    ("v1", "ConfigMap"): {
        1: ("metadata", _message(_META), "one"),
        2: ("data", _text, "map"),
        3: ("binaryData", _base64, "map"),
        4: ("immutable", bool, "one"),
    },
    ("v1", "Secret"): {
        1: ("metadata", _message(_META), "one"),
        2: ("data", _base64, "map"),
        3: ("type", _text, "one"),
        4: ("stringData", _text, "map"),
        5: ("immutable", bool, "one"),
    },
}
