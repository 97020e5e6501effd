"""A package index on this machine, by TLS, as pip wants one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.tools.tls_support import Authority, serving

PACKAGE = "greeting"
WHEEL = f"{PACKAGE}-1.0-py3-none-any.whl"


@dataclass
class Index:
    """*requests* are the paths that were asked for. *elsewhere*: where files are redirected to."""

    port: int = 0
    requests: list[str] = field(default_factory=list)
    elsewhere: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := (await reader.readuntil(b"\r\n\r\n")).decode():
            path = head.split(" ")[1]
            self.requests.append(path)
            writer.write(self._response(path))
            await writer.drain()

    def _response(self, path: str) -> bytes:
        if path.startswith("/simple/"):
            digest = hashlib.sha256(wheel()).hexdigest()
            page = f'<a href="/files/{WHEEL}#sha256={digest}">{WHEEL}</a>'
            return _response("200 OK", page.encode(), "Content-Type: text/html")
        if self.elsewhere:
            return _response("302 Found", b"", f"Location: {self.elsewhere}{path}")
        return _response("200 OK", wheel(), "Content-Type: application/octet-stream")


def _response(status: str, body: bytes, header: str) -> bytes:
    return f"HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def wheel() -> bytes:
    """A package with one module that greets, and a command `greet`."""
    folder = f"{PACKAGE}-1.0.dist-info"
    files = {
        f"{PACKAGE}.py": "def main() -> None:\n    print('hello from the index')\n",
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder}/entry_points.txt": f"[console_scripts]\ngreet = {PACKAGE}:main\n",
    }
    record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
    files[f"{folder}/RECORD"] = f"{record}{folder}/RECORD,,\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return packed.getvalue()


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@asynccontextmanager
async def index(signed: Authority) -> AsyncIterator[Index]:
    here = Index()
    async with serving(here.answer, signed.context) as here.port:
        yield here
