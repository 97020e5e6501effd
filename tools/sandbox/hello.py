"""The server name in the first message of a TLS connection: pure.

A client names the host twice, to the proxy and to the server. Where many hosts share an address,
only the second name decides who answers, so both must be the same. A server may ask for the first
message again (HelloRetryRequest), and would take another name then, so that one is read too.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_BYTES = 16 * 1024  # of records until the first message is whole

_CHANGE_CIPHER = 20
_HANDSHAKE = 22
_CLIENT_HELLO = 1
_MOST_IN_RECORD = 2**14
_SERVER_NAME = 0
_EARLY_DATA = 42
_HIDDEN = frozenset({0xFE0D, 0xFFCE})  # encrypted names: what is asked for cannot be seen


class HelloError(ValueError):
    """No first message of TLS, or one whose server name cannot be told."""


@dataclass(frozen=True)
class Hello:
    """*name* as the client wrote it, and the *size* of the records that carried it."""

    name: str
    size: int


def read(records: bytes) -> Hello | None:
    """What *records* begin with. None: more bytes are needed. Raises HelloError."""
    found = _message(records)
    if found is None:
        return None
    message, size = found
    try:
        return Hello(_name(message), size)
    except (IndexError, UnicodeDecodeError) as exc:
        raise HelloError("malformed TLS") from exc


class Watch:
    """What of a client's stream after its first message may go on to the server.

    Everything, once no message in the clear can follow that names a server.
    """

    def __init__(self) -> None:
        self._held = b""
        self._over = False
        self.again: str | None = None  # the name in a second first message

    def passed(self, received: bytes) -> bytes:
        """What may go on now; the rest is held back. Raises HelloError."""
        if self._over:
            return received
        self._held += received
        going = b""
        while not self._over and len(self._held) > 5:
            if self._held[0] == _CHANGE_CIPHER and self._held[3:5] == b"\0\1":
                going, self._held = going + self._held[:6], self._held[6:]
            elif self._held[0] != _HANDSHAKE or self._held[5] != _CLIENT_HELLO:
                self._over = True
            elif (found := read(self._held)) is None:
                break
            else:
                self.again, self._over = found.name, True
        if self._over:
            going, self._held = going + self._held, b""
        return going


def _message(records: bytes) -> tuple[bytes, int] | None:
    """The handshake message that *records* carry, which may be in several, and their size."""
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
        if len(gathered) > whole:
            raise HelloError("malformed TLS")
        if len(gathered) == whole:
            return gathered[4:], len(records) - len(rest) + 5 + size
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
        if kind == _EARLY_DATA:
            raise HelloError("sends data before its server answered")
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
