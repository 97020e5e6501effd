"""The server name in a first message of TLS, whole, in pieces, missing, hidden and forged."""

from __future__ import annotations

import pytest

from tests.tools.tls_support import hello, in_records, server_name_extension, with_extension
from tools.sandbox.hello import MOST_BYTES, HelloError, Watch, read

MESSAGE = hello("pkg.example")
SERVER_NAME = 0


def server_name(records: bytes) -> str | None:
    found = read(records)
    return None if found is None else found.name


def test_the_name_of_a_real_client() -> None:
    assert server_name(MESSAGE) == "pkg.example"


@pytest.mark.parametrize("size", [40, 2**14])
def test_the_first_message_ends_where_its_records_end(size: int) -> None:
    records = in_records(MESSAGE, size)
    found = read(records + b"\x17\x03\x03\x00\x01x")

    assert found
    assert found.name == "pkg.example"
    assert found.size == len(records)


@pytest.mark.parametrize("size", [1, 7, 64, 200])
def test_a_message_in_many_records(size: int) -> None:
    assert server_name(in_records(MESSAGE, size)) == "pkg.example"


def test_every_beginning_asks_for_more() -> None:
    assert {server_name(MESSAGE[:n]) for n in range(len(MESSAGE))} == {None}
    records = in_records(MESSAGE, 50)
    assert {server_name(records[:n]) for n in range(len(records))} == {None}


@pytest.mark.parametrize(
    ("message", "told"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n", "no TLS", id="http"),
        pytest.param(b"SSH-2.0-x\r\n", "no TLS", id="ssh"),
        pytest.param(b"\x16\x02\x00\x00\x01\x01", "no TLS", id="SSL 2"),
        pytest.param(b"\x17\x03\x03\x00\x01x", "no TLS", id="another record"),
        pytest.param(b"\x16\x03\x01\x00\x00", "malformed", id="empty record"),
        pytest.param(b"\x16\x03\x01\xff\xff\x01", "malformed", id="record too long"),
        pytest.param(b"\x16\x03\x01\x00\x04\x02\x00\x00\x00", "malformed", id="a server's message"),
        pytest.param(b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", "malformed", id="empty message"),
        pytest.param(hello(None), "names no server", id="no name"),
        pytest.param(
            with_extension(hello(None), SERVER_NAME, server_name_extension("")),
            "names no server",
            id="empty name",
        ),
        pytest.param(
            with_extension(MESSAGE, SERVER_NAME, server_name_extension("b.example")),
            "malformed",
            id="the extension twice",
        ),
        pytest.param(
            with_extension(hello(None), SERVER_NAME, server_name_extension("a", "b")),
            "malformed",
            id="two names",
        ),
        pytest.param(
            with_extension(hello(None), SERVER_NAME, b"\x00\x04\x01\x00\x01a"),
            "malformed",
            id="a name of another kind",
        ),
        pytest.param(
            with_extension(hello(None), SERVER_NAME, server_name_extension("b\xfccher")),
            "malformed",
            id="not ASCII",
        ),
        pytest.param(with_extension(MESSAGE, 0xFE0D, b"x"), "Encrypted", id="encrypted hello"),
        pytest.param(with_extension(MESSAGE, 42, b""), "before its server", id="early data"),
        pytest.param(
            MESSAGE[:3] + (len(MESSAGE) - 4).to_bytes(2, "big") + MESSAGE[5:] + b"x",
            "malformed",
            id="more in its record",
        ),
        pytest.param(with_extension(MESSAGE, 0xFFCE, b"x"), "Encrypted", id="encrypted name"),
        pytest.param(MESSAGE[:40] + b"\xff" * (len(MESSAGE) - 40), "malformed", id="lengths lie"),
    ],
)
def test_what_tells_no_name_is_refused(message: bytes, told: str) -> None:
    with pytest.raises(HelloError, match=told):
        server_name(message)


def test_a_message_without_end_is_refused() -> None:
    endless = b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + b"x" * (MOST_BYTES - 4)

    with pytest.raises(HelloError, match="malformed"):
        server_name(endless)


CIPHER = b"\x14\x03\x03\x00\x01\x01"
SECRET = b"\x17\x03\x03\x00\x20" + b"s" * 32
KEYS = b"\x16\x03\x03\x00\x04\x10\x00\x00\x00"  # of a client of TLS 1.2


@pytest.mark.parametrize(
    ("stream", "again"),
    [
        pytest.param(CIPHER + SECRET, None, id="TLS 1.3"),
        pytest.param(KEYS + CIPHER + SECRET, None, id="TLS 1.2"),
        pytest.param(CIPHER + MESSAGE + SECRET, "pkg.example", id="asked again"),
        pytest.param(MESSAGE + CIPHER + SECRET, "pkg.example", id="asked again, older"),
        pytest.param(CIPHER * 3 + hello("evil.example"), "evil.example", id="another name"),
        pytest.param(
            CIPHER + in_records(hello("evil.example"), 9), "evil.example", id="in small records"
        ),
        pytest.param(SECRET + hello("evil.example"), None, id="behind secrets it means nothing"),
        pytest.param(b"anything else", None, id="no TLS"),
    ],
)
@pytest.mark.parametrize("piece", [1, 3, 10**6])
def test_a_client_s_stream_is_watched_until_it_is_encrypted(
    stream: bytes, again: str | None, piece: int
) -> None:
    """All of it goes on, and a second first message only when its name is known."""
    watch = Watch()
    gone = b""
    for at in range(0, len(stream), piece):
        going = watch.passed(stream[at : at + piece])
        gone += going
        assert watch.again or again is None or again.encode() not in gone

    assert gone == stream
    assert watch.again == again
