"""What a client asks the filtering proxy for: pure.

Strict where servers are lenient: what two readers could understand in two ways is refused.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tools.sandbox.egress import canonical, is_name

MOST_BYTES = 8192  # of a request's head
END = b"\r\n\r\n"
_SHOWN = 100  # characters of a target that is no name

_LINE = re.compile(rb"([A-Z]{1,20}) ([\x21-\x7e]{1,2048}) HTTP/1\.[01]")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}):[ \t]*([\x20-\x7e\t]*)")
_TARGET = re.compile(r"([^:@/\[\]]+):([0-9]{1,5})")
_BODY = frozenset({b"content-length", b"transfer-encoding"})


class RequestError(Exception):
    """A request that is refused whatever the allowed hosts are. *target* as in `Visit`."""

    def __init__(self, status: int, why: str, target: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.target = target


def target(head: bytes) -> tuple[str, int]:
    """Name and port of the CONNECT request *head*, which ends in an empty line.

    Raises RequestError.
    """
    line, *headers = head.removesuffix(END).split(b"\r\n")
    asked = _LINE.fullmatch(line)
    if not asked:
        raise RequestError(400, "malformed request")
    for header in headers:
        found = _HEADER.fullmatch(header)
        if not found:
            raise RequestError(400, "malformed header")
        if found[1].lower() in _BODY and found[2].strip() != b"0":
            raise RequestError(400, "a CONNECT request has no body")
    method, address = asked[1], asked[2].decode("ascii")
    if method != b"CONNECT":
        why = "only CONNECT, as for https; plain http does not go through"
        raise RequestError(405, why, _plain(address))
    return _target(address)


def _plain(address: str) -> str:
    """Name and port in the address of a page; "" where it has none."""
    try:
        parts = urlsplit(address)
        name, port = canonical(parts.hostname or ""), parts.port or 80
    except ValueError:
        return ""
    return f"{name}:{port}" if is_name(name) else ""


def _target(address: str) -> tuple[str, int]:
    found = _TARGET.fullmatch(address)
    if not found:
        raise RequestError(400, "malformed target; it is name:port, and addresses do not count")
    name, port = canonical(found[1]), int(found[2])
    if not is_name(name):
        raise RequestError(403, "no host name; addresses do not count", address[:_SHOWN])
    if not 0 < port < 2**16:
        raise RequestError(400, "no port")
    return name, port
