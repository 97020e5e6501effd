"""How the binaries are found; building them takes minutes and is what `make cluster-assets` does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster import control_plane
from tests.cluster.control_plane import assets

BUILD = Path(__file__).parent / "assets" / "build.py"


def binaries(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return folder


def go(folder: Path, version: str) -> Path:
    """A folder for PATH in which `go` says it is *version*, and builds nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "go").write_text(f"#!/bin/sh\necho {version}\n")
    (folder / "go").chmod(0o755)
    return folder


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "PATH": "/nowhere"}
    return subprocess.run(
        [sys.executable, str(BUILD)],
        env={**given, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_complete_folder_is_taken(tmp_path: Path) -> None:
    given = binaries(tmp_path / "given", "etcd", "kube-apiserver", "kubectl")

    done = run(tmp_path, KUBEBUILDER_ASSETS=str(given))

    assert (done.returncode, done.stdout) == (0, f"{given}\n")


def test_what_was_built_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    built = binaries(assets().cache_folder(), "etcd", "kube-apiserver", "kubectl")

    done = run(tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{built}\n", "")


@pytest.mark.parametrize(
    ("version", "said"),
    [
        pytest.param("", "go: not found on PATH; install Go 1.26", id="no-go"),
        pytest.param("go1.21.5", "is go1.21.5, Kubernetes 1.36.3 needs 1.26", id="too-old"),
    ],
)
def test_without_a_go_it_says_what_to_do(tmp_path: Path, version: str, said: str) -> None:
    path = str(go(tmp_path / "bin", version)) if version else "/nowhere"

    done = run(tmp_path, PATH=f"{path}:/bin:/usr/bin" if version else path)

    assert done.returncode == 1
    assert said in done.stderr
    assert "KUBEBUILDER_ASSETS" in done.stderr


def test_an_incomplete_folder_is_told_of(tmp_path: Path) -> None:
    given = binaries(tmp_path / "given", "etcd")

    done = run(tmp_path, KUBEBUILDER_ASSETS=str(given))

    assert done.returncode == 1
    assert "lacks kube-apiserver, kubectl" in done.stderr


def test_a_missing_binary_fails_in_ci_and_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no etcd"):
        control_plane.refuse("no etcd")

    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="CLUSTER TESTS DID NOT RUN: no etcd"):
        control_plane.refuse("no etcd")


def test_the_version_decides_where_the_cache_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    folder = assets().cache_folder()

    assert folder.parent == tmp_path / "foreman" / "assets"
    assert folder.name.startswith("kubernetes-1.36.3-")
    assert not os.path.lexists(folder)
