"""A secret is put wherever the harness and its user keep some; a command looks everywhere."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.jail import Jail
from tools.sandbox.probe import Sandbox
from tools.sandbox.runner import Box
from tools.shell import Bash

HUNT = """
import os, re, socket, subprocess, sys
word = "canary-" + sys.argv[1]
found = set()

def see(place, data):
    if word.encode() in data:
        found.add(place)

def file(place, path):
    try:
        with open(path, "rb") as stream:
            see(place, stream.read(1 << 20))
    except OSError:
        pass

see("environment", repr(dict(os.environ)).encode())
for pid in filter(str.isdigit, os.listdir("/proc")):
    if pid == str(os.getpid()):
        continue
    for name in ("environ", "cmdline", "mountinfo"):
        file(name, f"/proc/{pid}/{name}")
    for folder in (f"/proc/{pid}/fd", f"/proc/{pid}/root{sys.argv[2]}", f"/proc/{pid}/cwd"):
        try:
            for name in os.listdir(folder):
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    file("through " + folder.split("/")[3], path)
        except OSError:
            pass
devices = {os.lstat(p).st_dev for p in ("/", "/etc", "/tmp", os.environ["HOME"], os.getcwd())}
tops = ["/etc", "/tmp", "/run", "/home", "/root", "/var/tmp", "/dev/shm", os.environ["HOME"], sys.argv[2]]
for top in tops:
    for base, folders, names in os.walk(top):
        depth = base.count("/") - top.count("/")
        folders[:] = [] if depth > 1 else [f for f in folders if f not in (".pyenv", ".rustup", ".cache", ".venv")]
        for name in names:
            path = os.path.join(base, name)
            if os.path.isfile(path) and not os.path.samefile(path, __file__):
                file("files", path)
            elif os.path.exists(path) and word in path:
                found.add("socket names")
for path in re.findall(r"\\S+$", open("/proc/net/unix").read(), re.M):
    address = "\\0" + path[1:] if path.startswith("@") else path
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(address)
            see("sockets", client.recv(99))
    except OSError:
        pass
git = subprocess.run(["git", "config", "--list", "--show-origin"], capture_output=True)
see("git configuration", git.stdout)
print(*sorted(found), sep="\\n")
"""


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The secret's word; what it stands in is gone afterwards."""
    word = secrets.token_hex(8)
    secret = f"canary-{word}"
    monkeypatch.setenv("GITHUB_TOKEN", secret)
    in_home = Path.home() / f".foreman-test-{word}"
    in_home.write_text(secret)
    (tmp_path / "gitconfig").write_text(f"[http]\n\textraHeader = {secret}\n")
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state/token").write_text(secret)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    waiting = "import sys, time; print(flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", waiting, secret], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / f"{secret}.sock"))
        server.listen()
        yield word
    process.kill()
    process.wait()
    process.stdout.close()
    in_home.unlink()


async def hunted(sandbox: Sandbox, work: Path, word: str, *, where: Path) -> list[str]:
    (work / "hunt.py").write_text(HUNT)
    runner = sandbox.runner(Box(work))
    bash = Bash(runner, Jail(work, seen_as=runner.workspace), timeout_seconds=60)
    result = await bash.call({"command": f"python3 hunt.py {word} {where}"})
    assert isinstance(result.output, dict)
    assert result.output["exit_code"] == 0, result.output["stderr"]
    return str(result.output["stdout"]).split("\n")[:-1]


@pytest.mark.sandbox
async def test_no_secret_is_visible_in_the_sandbox(
    bubblewrap: Sandbox, work: Path, tmp_path: Path, planted: str
) -> None:
    # the hunt's own argument is a part of the word, so that it does not find itself
    assert await hunted(bubblewrap, work, planted, where=tmp_path) in ([], [""])


async def test_the_hunt_finds_what_plain_mode_does_not_hide(
    plain: Sandbox, work: Path, tmp_path: Path, planted: str
) -> None:
    """What plain mode cannot promise, and a proof that the hunt looks where it should."""
    found = await hunted(plain, work, planted, where=tmp_path)

    assert {"cmdline", "environ", "files", "socket names"} <= set(found)
    assert not {"environment", "git configuration"} & set(found)
    assert os.environ["GITHUB_TOKEN"].startswith("canary-")
