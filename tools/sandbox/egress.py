"""Which hosts commands may reach, and whether a request of theirs does: pure.

A name stands for what it resolves to when a connection is made, and for nothing else. So an
address is never a name, a port counts, and an address that is not public is only reached through
an entry of the node's operator that names its port: who answers for a public name cannot point it
at the node's own network.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

TLS_PORT = 443
_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_ADDRESS_LABEL = re.compile(r"\d+|0x[0-9a-f]*")  # as the last one: some resolver reads an address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class HostError(ValueError):
    """An entry that names no host; the message says what to write."""


@dataclass(frozen=True)
class Host:
    """One entry. *below*: all names that end in `.name`, not the name itself.

    *private*: what it resolves to may be an address of a private network, or this machine's.
    """

    name: str
    port: int = TLS_PORT
    below: bool = False
    private: bool = False

    def __str__(self) -> str:
        port = "" if self.port == TLS_PORT else f":{self.port}"
        return f"{'*.' if self.below else ''}{self.name}{port}"

    def covers(self, name: str, port: int) -> bool:
        if port != self.port:
            return False
        return name.endswith(f".{self.name}") if self.below else name == self.name


@dataclass(frozen=True)
class Egress:
    """A network of these hosts and nothing else."""

    hosts: tuple[Host, ...]

    def host(self, name: str, port: int) -> Host | None:
        """The entry that lets *name* through; one for private networks first."""
        covering = [host for host in self.hosts if host.covers(name, port)]
        return next((host for host in covering if host.private), covering[0] if covering else None)


@dataclass(frozen=True)
class Visit:
    """What became of requests for one target. *why* "": they were let through."""

    target: str  # name:port; "" where the request named none
    why: str = ""
    times: int = 1

    @property
    def allowed(self) -> bool:
        return not self.why

    def __str__(self) -> str:
        times = f" ({self.times} times)" if self.times > 1 else ""
        return f"{self.target or 'a request'}: {self.why or 'let through'}{times}"


def parse(entries: Iterable[str], *, operator: bool) -> tuple[Host, ...]:
    """`index.example`, `index.example:8443`, `*.example`. Raises HostError.

    *operator*: the list is the node's own; an exact name with its port may be a private one there.
    """
    return tuple(dict.fromkeys(_parsed(entry.strip(), operator=operator) for entry in entries))


def _parsed(entry: str, *, operator: bool) -> Host:
    if "/" in entry or "@" in entry:
        raise HostError(f"{entry}: write the host's name alone, without scheme, user or path")
    if not entry.isascii():
        raise HostError(f"{entry}: write an international name in its xn-- form")
    name, colon, digits = entry.partition(":")
    below = name.startswith("*.")
    name = canonical(name.removeprefix("*."))
    if colon and not (digits.isdigit() and 0 < int(digits) < 2**16):
        raise HostError(f"{entry}: {digits!r} is no port; a host is name or name:port")
    if not is_name(name):
        raise HostError(
            f"{entry}: no host name; a host is name, name:port or *.name, and addresses do not count"
        )
    if below and "." not in name:
        raise HostError(f"{entry}: all of a top-level domain; name the hosts")
    return Host(
        name=name,
        port=int(digits) if colon else TLS_PORT,
        below=below,
        private=operator and bool(colon) and not below,
    )


def canonical(name: str) -> str:
    """*name* in lower case, without the dot that ends a full one."""
    return name.lower().removesuffix(".")


def is_name(name: str) -> bool:
    """Whether canonical *name* is a host name that nobody could take for an address."""
    return bool(_NAME.fullmatch(name)) and not _ADDRESS_LABEL.fullmatch(name.rpartition(".")[2])


def is_open(address: str, *, private: bool) -> bool:
    """Whether a connection to *address* may be made; *private*: a private network's too."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    for one in (found, *_inside(found)):
        if one.is_multicast or one.is_unspecified or one.is_link_local:
            return False  # link-local is where clouds keep their machines' credentials
        if not one.is_global and not (private and (one.is_private or one.is_loopback)):
            return False
    return True


def _inside(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that a packet to *address* may end up at."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]
