"""Provide etcd, kube-apiserver and kubectl for the cluster tests; prints the folder they are in.

`$KUBEBUILDER_ASSETS` is taken where it is set and complete. Else each binary is built from the pinned
Go module beside this file into a cache outside the checkout, one at a time, and only the binaries are
kept there. `--all` adds kube-controller-manager and helm. Only the standard library: this runs before
anything is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
KUBERNETES = "1.36.3"
HELM = "4.3.1"
BASE = ("etcd", "kube-apiserver", "kubectl")
EXTRA = ("kube-controller-manager", "helm")
_PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}


class AssetError(Exception):
    """The person at the keyboard has to do something; the message says what."""


@dataclass(frozen=True)
class Go:
    """A go command that is new enough."""

    command: str

    @classmethod
    def find(cls) -> Go:
        wanted = _wanted_go()
        command = shutil.which("go")
        if command is None:
            raise AssetError(
                f"go: not found on PATH; install Go {wanted} or newer,"
                " or point KUBEBUILDER_ASSETS at a folder with the binaries"
            )
        # GOTOOLCHAIN=local: a version that is too old says so instead of downloading another.
        said = subprocess.run(
            [command, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "GOTOOLCHAIN": "local"},
            cwd=HERE.anchor,
        ).stdout.strip()
        if _numbers(said) < _numbers(wanted):
            raise AssetError(
                f"{command}: is {said or 'of unknown version'}, Kubernetes {KUBERNETES} needs"
                f" {wanted}; install a newer Go, or point KUBEBUILDER_ASSETS at the binaries"
            )
        return cls(command)

    def build(self, name: str, folder: Path) -> None:
        """The binary *name* in *folder*; nothing is there before it is complete."""
        half = folder / f".{name}.{os.getpid()}"
        if name == "helm":
            self._install_helm(half)
        else:
            arguments = ["build", "-trimpath", "-ldflags", _flags(), "-o", str(half)]
            self._run([*arguments, _PACKAGES[name]], cwd=HERE)
        half.replace(folder / name)

    def _install_helm(self, target: Path) -> None:
        # helm has a dependency set of its own and cannot share our module.
        place = target.with_name(f"{target.name}.d")
        try:
            self._run(
                ["install", "-trimpath", "-ldflags=-s -w", f"helm.sh/helm/v4/cmd/helm@v{HELM}"],
                cwd=target.parent,
                GOBIN=str(place),
            )
            (place / "helm").replace(target)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _run(self, arguments: list[str], *, cwd: Path, **environment: str) -> None:
        env = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", **environment}
        done = subprocess.run([self.command, *arguments], cwd=cwd, env=env, check=False)
        if done.returncode:
            raise AssetError(
                f"go {arguments[0]} {arguments[-1]}: exit code {done.returncode}, see above;"
                " a module proxy must be reachable (go env GOPROXY) and 6 GB of disk free"
            )


def cache_folder() -> Path:
    """Where our own builds are kept: keyed by everything that decides what they are."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((HERE / name).read_bytes())
    digest.update(f"{_flags()} helm {HELM}".encode())
    return caches / "foreman" / "assets" / f"kubernetes-{KUBERNETES}-{digest.hexdigest()[:12]}"


def missing(folder: Path, names: tuple[str, ...]) -> list[str]:
    """Which of *names* are not executable files of *folder*."""
    return [
        name
        for name in names
        if not ((folder / name).is_file() and os.access(folder / name, os.X_OK))
    ]


def existing(names: tuple[str, ...] = BASE) -> Path | None:
    """The folder that has all of *names*; None: nobody built them."""
    given = os.environ.get("KUBEBUILDER_ASSETS")
    for folder in ([Path(given)] if given else []) + [cache_folder()]:
        if not missing(folder, names):
            return folder
    return None


def provide(names: tuple[str, ...]) -> Path:
    """The folder that has all of *names*, building what is not there."""
    found = existing(names)
    if found:
        return found
    given = os.environ.get("KUBEBUILDER_ASSETS")
    if given:
        lacking = ", ".join(missing(Path(given), names))
        _tell(f"KUBEBUILDER_ASSETS={given} lacks {lacking}; building our own")
    go = Go.find()
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    todo = missing(folder, names)
    for number, name in enumerate(todo, start=1):
        _tell(f"[{number}/{len(todo)}] building {name} (the first one takes minutes) …")
        started = time.monotonic()
        go.build(name, folder)
        size = (folder / name).stat().st_size / 1e6
        _tell(f"[{number}/{len(todo)}] {name}: {size:.0f} MB in {time.monotonic() - started:.0f} s")
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--all", action="store_true", help=f"also {' and '.join(EXTRA)}")
    names = BASE + EXTRA if parser.parse_args().all else BASE
    try:
        sys.stdout.write(f"{provide(names)}\n")
    except AssetError as fault:
        _tell(f"cluster assets: {fault}")
        return 1
    return 0


def _flags() -> str:
    # Without a version the server calls itself v0.0.0-master and clients complain.
    major, minor, _ = KUBERNETES.split(".")
    facts = {
        "gitVersion": f"v{KUBERNETES}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "clean",
    }
    stamps = (
        f"-X {package}.{key}={value}"
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
        for key, value in facts.items()
    )
    return " ".join(["-s", "-w", *stamps])


def _wanted_go() -> str:
    found = re.search(r"^go (\S+)$", (HERE / "go.mod").read_text(), re.MULTILINE)
    if not found:
        raise AssetError(f"{HERE / 'go.mod'}: no go line; restore the file from git")
    return found[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
