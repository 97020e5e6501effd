"""`kill -9` of a real process while it is written to: no acknowledged write is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from k8s.embedded.serve import EmbeddedSettings, serve
from tests.k8s.embedded.embedded_support import CONFIG_MAPS, calling, config_map

SERVER = """
import asyncio, sys
from pathlib import Path
from k8s.embedded.serve import EmbeddedSettings, serve

async def main():
    async with serve(EmbeddedSettings(directory=Path(sys.argv[1]), port=None)) as api:
        print(api.admin_token, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [40, 400])
async def test_a_killed_server_kept_all_it_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    directory = tmp_path / "api"
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER,
        str(directory),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert server.stdout is not None
    token = (await server.stdout.readline()).decode().strip()
    known: dict[str, str] = {}

    async def write(worker: int) -> None:
        for number in range(10_000):
            name = f"w{worker}-{number}"
            try:
                answer = await admin("POST", CONFIG_MAPS, config_map(name, n=str(number)))
            except (aiohttp.ClientError, OSError):
                return
            known[name] = answer.body["metadata"]["resourceVersion"]
            if len(known) == acknowledged:
                os.kill(server.pid, signal.SIGKILL)

    async with calling(directory / "api.sock", token) as admin:
        await asyncio.gather(*(write(worker) for worker in range(8)))
    assert await server.wait() == -signal.SIGKILL

    async with (
        serve(EmbeddedSettings(directory=directory, port=None)) as api,
        calling(api.socket, api.admin_token) as again,
    ):
        listed = (await again("GET", CONFIG_MAPS)).body
        made = await again.made(CONFIG_MAPS, config_map("after"))

    found = {i["metadata"]["name"]: i["metadata"]["resourceVersion"] for i in listed["items"]}
    assert len(known) >= acknowledged
    assert known.items() <= found.items()
    assert int(made["metadata"]["resourceVersion"]) > max(map(int, found.values()))
    assert token == api.admin_token
