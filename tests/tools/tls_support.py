"""A certificate authority, TLS servers on this machine, and first messages of clients."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Authority:
    """*trusted* is the certificate that clients trust, *context* serves the names it was made for."""

    trusted: bytes
    context: ssl.SSLContext

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.trusted.decode())


def authority(folder: Path, *names: str) -> Authority:
    """An authority that signed one certificate, for *names*."""
    key, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name("test authority")
    root = _builder(issuer, issuer, key).add_extension(x509.BasicConstraints(True, None), True)
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    trusted = root.add_extension(usage, True).sign(key, hashes.SHA256())
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    served = _builder(_name("test server"), issuer, own).add_extension(alternatives, False)
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    signed = served.add_extension(authority_id, False).sign(key, hashes.SHA256())
    (folder / "server.pem").write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Authority(trusted.public_bytes(serialization.Encoding.PEM), context)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )


@asynccontextmanager
async def serving(serve: Serve, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    """The port of this machine's loopback where *serve* answers, by TLS or without."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def hello(name: str | None) -> bytes:
    """The first message of a client that asks for *name*; None: for none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def in_records(message: bytes, size: int) -> bytes:
    """A first message as so many records of at most *size* bytes."""
    body = message[5:]
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(message[:3] + len(part).to_bytes(2, "big") + part for part in parts)


def with_extension(message: bytes, kind: int, content: bytes) -> bytes:
    """A first message with one more extension at its end."""
    body = bytearray(message[5:])
    at = 4 + 2 + 32
    at += 1 + body[at]
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    at += 1 + body[at]
    more = kind.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content
    body[at : at + 2] = (int.from_bytes(body[at : at + 2], "big") + len(more)).to_bytes(2, "big")
    body += more
    body[1:4] = (len(body) - 4).to_bytes(3, "big")
    return message[:3] + len(body).to_bytes(2, "big") + bytes(body)


def server_name_extension(*names: str) -> bytes:
    """The content of the extension that names servers."""
    entries = b"".join(
        b"\0" + len(name).to_bytes(2, "big") + name.encode("latin-1") for name in names
    )
    return len(entries).to_bytes(2, "big") + entries


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])
