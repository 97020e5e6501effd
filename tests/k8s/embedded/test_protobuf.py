from __future__ import annotations

import pytest

from k8s.embedded.protobuf import MEDIA, decoded
from k8s.embedded.refusals import Refusal
from tests.k8s.embedded.embedded_support import CONFIG_MAPS, Caller

# what `kubectl create configmap a --from-literal=x=1` of 1.32 sends
WRITTEN = bytes.fromhex(
    "6b387300 0a0f 0a027631 1209436f6e6669674d6170"
    "121b 0a11 0a0161 1200 1a00 2200 2a00 3200 3800 4200 1206 0a0178 120131 1a00 2200"
)


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def envelope(kind: str, raw: bytes) -> bytes:
    head = field(1, b"v1") + field(2, kind.encode())
    return b"k8s\0" + field(1, head) + field(2, raw)


def test_a_config_map_as_kubectl_writes_it() -> None:
    assert decoded(WRITTEN) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"x": "1"},
    }


def test_a_secret_with_labels_and_owners() -> None:
    owner = field(1, b"Agent") + field(3, b"a") + field(4, b"u") + field(5, b"v1") + b"\x30\x01"
    meta = field(1, b"s") + field(11, field(1, b"k") + field(2, b"v")) + field(13, owner)
    raw = field(1, meta) + field(2, field(1, b"key") + field(2, b"\xff")) + field(3, b"Opaque")

    body = decoded(envelope("Secret", raw))

    assert body["data"] == {"key": "/w=="}
    assert body["metadata"]["labels"] == {"k": "v"}
    assert body["metadata"]["ownerReferences"] == [
        {"kind": "Agent", "name": "a", "uid": "u", "apiVersion": "v1", "controller": True}
    ]


def test_fields_of_other_types_are_passed_over() -> None:
    meta = field(1, b"n") + b"\x99\x01" + b"12345678" + b"\x9d\x01" + b"1234" + b"\x90\x01\xff\x7f"

    assert decoded(envelope("Namespace", field(1, meta)))["metadata"] == {"name": "n"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"{}", 400, id="no envelope"),
        pytest.param(WRITTEN[:-3], 400, id="cut"),
        pytest.param(b"k8s\0\xff", 400, id="half a number"),
        pytest.param(b"k8s\0" + b"\xff" * 12, 400, id="a number too long"),
        pytest.param(b"k8s\0\x0b", 400, id="a group"),
        pytest.param(b"k8s\0\x08\x01", 400, id="a number for a message"),
        pytest.param(envelope("ConfigMap", field(2, field(1, b"\xff"))), 400, id="not UTF-8"),
        pytest.param(envelope("Job", b""), 415, id="a kind we do not read"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, code: int) -> None:
    with pytest.raises(Refusal) as caught:
        decoded(data)

    assert caught.value.code == code


async def test_it_is_stored_like_any_other(admin: Caller) -> None:
    made = await admin("POST", CONFIG_MAPS, WRITTEN, media=MEDIA)

    assert made.status == 201
    assert made.body["data"] == {"x": "1"}
