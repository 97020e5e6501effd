"""A real etcd and kube-apiserver as plain processes on loopback, for tests.

No containers, no kubelet, no controller-manager: enough for everything that is stored, validated,
watched and permitted. Where no binaries are, `$KUBECONFIG` names a cluster that may be used instead.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ADMIN_TOKEN = "admin-of-the-test-cluster"
NODE_TOKEN = "node-of-the-test-cluster"
START_SECONDS = 60
ATTEMPTS = 3  # a port that was free a moment ago may be taken

# What the embedded API's node role may do, as far as RBAC can say it.
NODE_RULES = [
    {
        "apiGroups": ["foreman.llmkube.dev"],
        "resources": ["agentictasks", "agents", "modelendpoints", "modelprofiles", "fleetnodes"],
        "verbs": ["get", "list", "watch"],
    },
    {
        "apiGroups": ["foreman.llmkube.dev"],
        "resources": ["fleetnodes", "fleetnodes/status", "agentictasks/status"],
        "verbs": ["create", "update", "patch"],
    },
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
    {"apiGroups": [""], "resources": ["endpoints"], "verbs": ["get", "list", "watch"]},
    {
        "apiGroups": [""],
        "resources": ["configmaps", "events"],
        "verbs": ["get", "create", "update", "patch"],
    },
]


@dataclass(frozen=True)
class ControlPlane:
    """A running API server. *tokens* are empty where it is somebody's cluster."""

    kubeconfig: Path
    tokens: dict[str, str]


class _StartError(Exception):
    pass


def assets() -> ModuleType:
    """`assets/build.py`, which knows where the binaries are."""
    path = Path(__file__).parent / "assets" / "build.py"
    spec = importlib.util.spec_from_file_location("cluster_assets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def refuse(why: str) -> None:
    """Fails where everything must be there (`CI=true`), else skips, saying so."""
    if os.environ.get("CI") == "true":
        pytest.fail(why, pytrace=False)
    pytest.skip(f"CLUSTER TESTS DID NOT RUN: {why}")


@contextmanager
def running(folder: Path) -> Iterator[ControlPlane]:
    """A control plane with its files in *folder*; somebody's cluster where nothing is built."""
    binaries: Path | None = assets().existing(("etcd", "kube-apiserver"))
    if binaries is None:
        yield _given()
        return
    for attempt in range(ATTEMPTS):
        with ExitStack() as stack:
            try:
                plane = _start(stack, binaries, folder / str(attempt))
            except _StartError as fault:
                if attempt == ATTEMPTS - 1:
                    pytest.fail(str(fault), pytrace=False)
                continue
            yield plane
            return


def _given() -> ControlPlane:
    path = os.environ.get("KUBECONFIG")
    if not path:
        refuse("no etcd and kube-apiserver; run `make cluster-assets`, or set KUBECONFIG")
    return ControlPlane(Path(path or ""), {})


def _start(stack: ExitStack, binaries: Path, folder: Path) -> ControlPlane:
    folder.mkdir(parents=True)
    client, peer, secure = _free_ports(3)
    stack.enter_context(_process(folder / "etcd.log", _etcd(binaries, folder, client, peer)))
    server = stack.enter_context(
        _process(folder / "apiserver.log", _apiserver(binaries, folder, client, secure))
    )
    url = f"https://127.0.0.1:{secure}"
    certificate = folder / "certs" / "apiserver.crt"
    _await_ready(url, certificate, server, folder / "apiserver.log")
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(kubeconfig_text(url, certificate.read_bytes(), ADMIN_TOKEN))
    _permit_node(url, certificate)
    return ControlPlane(kubeconfig, {"admin": ADMIN_TOKEN, "node": NODE_TOKEN})


def _etcd(binaries: Path, folder: Path, client: int, peer: int) -> list[str]:
    clients, peers = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        str(binaries / "etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
        "--unsafe-no-fsync",  # nothing here outlives the test
        "--log-level=error",
    ]


def _apiserver(binaries: Path, folder: Path, etcd: int, port: int) -> list[str]:
    key = folder / "service-account.key"
    key.write_bytes(
        rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    tokens = folder / "tokens.csv"
    tokens.write_text(
        f'{ADMIN_TOKEN},admin,admin,"system:masters"\n{NODE_TOKEN},node,node,"foreman:nodes"\n'
    )
    return [
        str(binaries / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={folder / 'certs'}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=Node,RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        # It wants the default account that a controller-manager would make.
        "--disable-admission-plugins=ServiceAccount",
    ]


@contextmanager
def _process(log: Path, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    # A test run that is killed takes its servers with it, where the platform can do that.
    setpriv = shutil.which("setpriv")
    guard = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*guard, *command], stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(url: str, ca: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            if ca.exists() and _call(url, ca, "/readyz") == b"ok":
                return
        except (URLError, OSError, ssl.SSLError):
            pass
        time.sleep(0.1)  # a process of its own: there is nothing to wait on
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise _StartError(f"kube-apiserver: not ready after {START_SECONDS} s:\n{tail}")


def _permit_node(url: str, ca: Path) -> None:
    group = "rbac.authorization.k8s.io"
    role = {"metadata": {"name": "foreman-node"}, "rules": NODE_RULES}
    binding = {
        "metadata": {"name": "foreman-node"},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "foreman-node"},
        "subjects": [{"apiGroup": group, "kind": "Group", "name": "foreman:nodes"}],
    }
    _call(url, ca, f"/apis/{group}/v1/clusterroles", role)
    _call(url, ca, f"/apis/{group}/v1/clusterrolebindings", binding)


def _call(url: str, ca: Path, path: str, body: dict[str, Any] | None = None) -> bytes:
    request = urllib.request.Request(
        url + path,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"},
    )
    context = ssl.create_default_context(cafile=str(ca))
    handler = urllib.request.HTTPSHandler(context=context)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)
    with opener.open(request, timeout=10) as answer:
        content: bytes = answer.read()
        return content


def kubeconfig_text(url: str, ca: bytes, token: str) -> str:
    """A kubeconfig with one cluster and one user."""
    cluster = {"server": url, "certificate-authority-data": base64.b64encode(ca).decode()}
    context = {"cluster": "test", "user": "test", "namespace": "default"}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "test", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": context}],
            "current-context": "test",
        }
    )


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
