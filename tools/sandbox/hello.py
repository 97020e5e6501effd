"""The server name in the first message of a TLS connection: pure.

A client names the host twice, to the proxy and to the server. Where many hosts share an address,
only the second name decides who answers, so both must be the same.
"""

from __future__ import annotations

MOST_BYTES = 16 * 1024  # of records until the first message is whole

_HANDSHAKE = 22
_CLIENT_HELLO = 1
_MOST_IN_RECORD = 2**14
_SERVER_NAME = 0
_HIDDEN = frozenset({0xFE0D, 0xFFCE})  # encrypted names: what is asked for cannot be seen


class HelloError(ValueError):
    """No first message of TLS, or one whose server name cannot be told."""


def server_name(records: bytes) -> str | None:
    """The name that a client asks for, as it wrote it. None: more bytes are needed.

    Raises HelloError.
    """
    message = _message(records)
    if message is None:
        return None
    try:
        return _name(message)
    except (IndexError, UnicodeDecodeError) as exc:
        raise HelloError("malformed TLS") from exc


def _message(records: bytes) -> bytes | None:
    """The handshake message that *records* carry, which may be in several."""
    gathered = b""
    rest = records
    while rest:
        if rest[0] != _HANDSHAKE or (len(rest) > 1 and rest[1] != 3):
            raise HelloError("no TLS; only https goes through")
        if len(rest) < 5:
            break
        size = int.from_bytes(rest[3:5], "big")
        if not 0 < size <= _MOST_IN_RECORD:
            raise HelloError("malformed TLS")
        gathered += rest[5 : 5 + size]
        if gathered and gathered[0] != _CLIENT_HELLO:
            raise HelloError("malformed TLS")
        whole = 4 + int.from_bytes(gathered[1:4], "big") if len(gathered) >= 4 else MOST_BYTES
        if len(gathered) >= whole:
            return gathered[4:whole]
        rest = rest[5 + size :]
    if len(records) >= MOST_BYTES:
        raise HelloError("malformed TLS")
    return None


class _Reader:
    """Fields of a message; IndexError past its end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    @property
    def more(self) -> bool:
        return self._at < len(self._content)

    def take(self, count: int) -> bytes:
        taken = self._content[self._at : self._at + count]
        if len(taken) != count:
            raise IndexError
        self._at += count
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def field(self, size: int) -> bytes:
        """What follows a length of *size* bytes."""
        return self.take(self.number(size))


def _name(message: bytes) -> str:
    hello = _Reader(message)
    hello.take(2 + 32)  # version and random
    hello.field(1)  # session
    hello.field(2)  # ciphers
    hello.field(1)  # compression
    extensions = _Reader(hello.field(2) if hello.more else b"")
    names = []
    while extensions.more:
        kind, content = extensions.number(2), extensions.field(2)
        if kind in _HIDDEN:
            raise HelloError("encrypts the server name; switch Encrypted Client Hello off")
        if kind == _SERVER_NAME:
            listed = _Reader(_Reader(content).field(2))
            while listed.more:
                names.append((listed.number(1), listed.field(2)))
    if hello.more or len(names) > 1 or any(kind for kind, _ in names):
        raise HelloError("malformed TLS")
    if not names or not names[0][1]:
        raise HelloError("names no server in TLS; only a client that sends a server name may pass")
    return names[0][1].decode("ascii")
