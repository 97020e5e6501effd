"""The node's supervisor: no key passes it, and a child that dies comes back."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from app.supervisor import child_environment, supervise
from k8s.embedded.serve import EmbeddedSettings, serve


def test_keys_and_secrets_stay_behind() -> None:
    ours = {
        "PATH": "/bin",
        "HOME": "/h",
        "GITHUB_APP_ID": "1",
        "GITHUB_APP_PRIVATE_KEY": "k",
        "GITHUB_APP_PRIVATE_KEY_PATH": "/k",
        "GITHUB_WEBHOOK_SECRET": "s",
        "FOREMAN_WEBHOOK_SECRET": "s",
        "FOREMAN_PRIVATE_KEY": "k",
        "AWS_SECRET_ACCESS_KEY": "a",
        "FOREMAN_TEST_GATE": "0",
        "GITHUB_TOKEN": "own",
    }

    assert child_environment(ours) == {
        "PATH": "/bin",
        "HOME": "/h",
        "FOREMAN_TEST_GATE": "0",
        "GITHUB_TOKEN": "own",
        "PYTHONSAFEPATH": "1",
    }


def test_proxies_and_certificates_go_along() -> None:
    ours = {
        "HTTPS_PROXY": "http://proxy:3128",
        "https_proxy": "http://proxy:3128",
        "NO_PROXY": "10.0.0.0/8",
        "SSL_CERT_FILE": "/etc/company.pem",
        "GIT_SSL_CAINFO": "/etc/company.pem",
    }

    assert child_environment(ours) == {**ours, "PYTHONSAFEPATH": "1"}


async def test_a_killed_child_is_started_again_and_ends_with_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real command line, waiting for the node's lock that this test holds.
    import fcntl

    (tmp_path / "node").mkdir()
    lock_path = tmp_path / "node" / "m.lock"
    api = EmbeddedSettings(directory=tmp_path / "api", port=None)
    async with serve(api):
        with lock_path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            arguments = ["work", "--data", str(tmp_path), "--fleet-node-name", "m"]
            arguments += ["--commit-author-email", "a@b.c"]
            running = asyncio.ensure_future(supervise(arguments, environment={}, grace_seconds=5))
            try:
                first = await _child(set())
                os.kill(first, signal.SIGKILL)
                second = await _child({first})
            finally:
                running.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await running

    assert second != first
    assert not Path(f"/proc/{second}").exists()


async def _child(known: set[int]) -> int:
    """The pid of the child that is not among *known*."""
    async with asyncio.timeout(20):
        while True:
            text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
            for pid in map(int, text.split()):
                line = Path(f"/proc/{pid}/cmdline")
                if pid not in known and line.exists() and b"--supervised" in line.read_bytes():
                    return pid
            await asyncio.sleep(0.02)
