"""Looks for secrets from where a task's commands run; prints the places that show one.

It is a file of the repository that the task works on, and uses nothing but the standard library.
What it looks for stands beside it, in hexadecimal, else it would find that.
"""

# ruff: noqa: PLW1510, PTH100, PTH113, PTH118, PTH120, PTH121, PTH123, PTH208, T201
from __future__ import annotations

import json
import os
import re
import socket
import subprocess

HERE = os.path.abspath(__file__)
with open(os.path.join(os.path.dirname(HERE), "wanted.json")) as stream:
    WANTED = json.load(stream)
DIRECTORY, PORTS = WANTED["directory"], WANTED["ports"]
WORDS = [bytes.fromhex(word) for word in WANTED["words"]]
SHAPES = [re.compile(("gh" + "s_[0-9A-Za-z]{4}").encode()), re.compile(b"PRIV" + b"ATE KEY-----")]
# Programs of the distribution and of toolchains: much to read, and nobody's secret.
FAR = ("/proc", "/sys", "/usr", "/lib", "/lib64", "/bin", "/sbin")
TOOLS = (".pyenv", ".rustup", ".cargo", ".cache", ".venv", "venv")
MOST = 4 << 20
found: set[str] = set()


def see(place: str, data: bytes) -> None:
    if any(word in data for word in WORDS) or any(shape.search(data) for shape in SHAPES):
        found.add(place)


def read(place: str, path: str) -> None:
    try:
        with open(path, "rb") as stream:
            see(place, stream.read(MOST))
    except OSError:
        pass


def processes() -> None:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if pid != str(os.getpid()):
            for name in ("environ", "cmdline"):
                read(f"/proc/*/{name}", f"/proc/{pid}/{name}")
    above = os.getppid()
    while above:  # up to the first there is
        walk(f"/proc/{above}/fd/", deep=0)
        walk(f"/proc/{above}/cwd/", deep=0)
        walk(f"/proc/{above}/root{DIRECTORY}")
        with open(f"/proc/{above}/stat") as stat:
            above = int(stat.read().rpartition(")")[2].split()[1])


def walk(top: str, deep: int = 99) -> None:
    for base, folders, names in os.walk(top):
        far = base in FAR or base.count("/") - top.count("/") >= deep
        folders[:] = (
            []
            if far
            else [f for f in folders if os.path.join(base, f) not in FAR and f not in TOOLS]
        )
        for name in names:
            path = os.path.join(base, name)
            if os.path.isfile(path) and not os.path.samefile(path, HERE):
                read(path, path)
                see(path, name.encode())


def sockets() -> None:
    for path in (f"{DIRECTORY}/data/api/api.sock", "/run/docker.sock"):
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(path) == 0:
                found.add("the socket " + path)
    for address in (*(("127.0.0.1", port) for port in PORTS), ("1.1.1.1", 53)):
        with socket.socket() as client:
            client.settimeout(2)
            if client.connect_ex(address) == 0:
                found.add("the network")


see("the environment", repr(dict(os.environ)).encode())
see("git's configuration", subprocess.run(["git", "config", "-l"], capture_output=True).stdout)
see("ps", subprocess.run(["ps", "auxeww"], capture_output=True).stdout)
processes()
for top in WANTED["tops"]:
    walk(top)
sockets()
print("HUNTED", sorted(found))
