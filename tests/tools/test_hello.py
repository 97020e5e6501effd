"""The server name in a first message of TLS, whole, in pieces, missing, hidden and forged."""

from __future__ import annotations

import pytest

from tests.tools.tls_support import hello, in_records, server_name_extension, with_extension
from tools.sandbox.hello import MOST_BYTES, HelloError, server_name

MESSAGE = hello("pkg.example")
SERVER_NAME = 0


def test_the_name_of_a_real_client() -> None:
    assert server_name(MESSAGE) == "pkg.example"


def test_what_follows_the_first_message_does_not_matter() -> None:
    assert server_name(MESSAGE + b"\x17\x03\x03\x00\x01x") == "pkg.example"


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
