"""Who we are, as GitHub tells it: what it refuses is one sentence for the operator."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.control import known_app
from app.github.app import App
from app.github.errors import IdentityError
from app.github.identity import Identity, private_key
from k8s.embedded.serve import EmbeddedSettings, serve


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def answering(status: int, body: str, kind: str = "application/json") -> AsyncIterator[str]:
    """A GitHub that answers everything so; its address."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind)

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(site) as server:
        yield str(server.make_url("/")).rstrip("/")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(401, '{"message": "Bad credentials"}', "application/json", id="key"),
        pytest.param(403, '{"message": "suspended"}', "application/json", id="forbidden"),
        pytest.param(404, '{"message": "Not Found"}', "application/json", id="not found"),
        pytest.param(422, '{"message": "no"}', "application/json", id="rejected"),
        pytest.param(200, "<html>", "text/html", id="some web page"),
        pytest.param(200, "[]", "application/json", id="some other API"),
    ],
)
async def test_a_github_that_does_not_know_us_is_one_sentence(
    app_key: str, status: int, body: str, kind: str
) -> None:
    async with answering(status, body, kind) as url, aiohttp.ClientSession() as session:
        app = App(Identity("7", private_key(app_key), now), session, api_url=url, clock=now)

        with pytest.raises(IdentityError, match="GITHUB_APP_ID"):
            await known_app(app)


async def test_control_prints_it_and_ends(tmp_path: Path, app_key: str) -> None:
    key = tmp_path / "app.pem"
    key.write_text(app_key)
    async with (
        answering(403, '{"message": "suspended"}') as url,
        serve(EmbeddedSettings(directory=tmp_path / "api", port=None)),
    ):
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli.main", "control", "--data", str(tmp_path)),
            env={
                "PATH": os.environ["PATH"],
                "GITHUB_APP_ID": "7",
                "GITHUB_APP_PRIVATE_KEY_PATH": str(key),
                "GITHUB_API_URL": url,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await child.communicate()

    assert child.returncode == 2
    assert "Error: GITHUB_APP_ID: GitHub does not say which App this is" in out.decode()
    assert "suspended" in out.decode()
    assert "Traceback" not in out.decode()
