from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import yaml
from cryptography import x509

from k8s.embedded import certificates, installation
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.embedded.store import StoreError
from tests.k8s.embedded.embedded_support import CONFIG_MAPS, calling, config_map

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


async def test_kubectls_door_is_tls_with_our_authority_and_tokens(tmp_path: Path) -> None:
    async with serve(EmbeddedSettings(directory=tmp_path / "api")) as api:
        config = yaml.safe_load(api.kubeconfig("node"))
        context = ssl.create_default_context(cadata=api.authority.decode())
        async with aiohttp.ClientSession() as session:
            url = f"{config['clusters'][0]['cluster']['server']}/version"
            headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}
            async with session.get(url, headers=headers, ssl=context) as with_token:
                version = await with_token.json()
            async with session.get(url, ssl=context) as without:
                status = without.status

    assert config["current-context"] == "foreman"
    assert config["users"][0]["user"]["token"] == api.node_token
    assert (version["major"], version["minor"], status) == ("1", "36", 401)


async def test_the_directory_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir(mode=0o755)

    async with serve(EmbeddedSettings(directory=tmp_path / "api")) as api:
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in [api.socket.parent, *api.socket.parent.rglob("*")]
        }

    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    assert {"api.sock", "objects.db", "admin.token", "ca.key"} <= modes.keys()
    assert not api.socket.exists()


async def test_everything_is_kept_for_the_next_start(tmp_path: Path) -> None:
    settings = EmbeddedSettings(directory=tmp_path / "api")
    async with serve(settings) as first, calling(first.socket, first.admin_token) as admin:
        made = await admin.made(CONFIG_MAPS, config_map("a"))
        definitions = (
            await admin("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
        ).body

    async with serve(settings) as second, calling(second.socket, second.admin_token) as admin:
        found = (await admin("GET", f"{CONFIG_MAPS}/a")).body
        again = (await admin("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")).body

    assert found == made
    assert again["items"] == definitions["items"]
    assert (second.admin_token, second.authority) == (first.admin_token, first.authority)


async def test_no_port_means_no_kubeconfig(tmp_path: Path) -> None:
    async with serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as api:
        with pytest.raises(StoreError, match="serves no port"):
            api.kubeconfig()

    assert api.url == ""


async def test_a_long_path_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="choose a shorter directory"):
        async with serve(EmbeddedSettings(directory=tmp_path / ("x" * 100))):
            pass


async def test_a_taken_port_is_refused_in_words(tmp_path: Path) -> None:
    async with serve(EmbeddedSettings(directory=tmp_path / "a")) as api:
        port = int(api.url.rpartition(":")[2])
        with pytest.raises(StoreError, match=f"127.0.0.1:{port}: .* choose another port"):
            async with serve(EmbeddedSettings(directory=tmp_path / "b", port=port)):
                pass


async def test_a_socket_left_by_a_crash_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "api.sock").touch()

    settings = EmbeddedSettings(directory=tmp_path / "api", port=None)
    async with serve(settings) as api, calling(api.socket, api.admin_token) as admin:
        assert (await admin("GET", "/readyz")).body == b"ok"


async def test_the_blocks_own_error_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with serve(EmbeddedSettings(directory=tmp_path / "api", port=None)):
            raise KeyError("mine")


async def test_a_new_program_brings_its_definitions(tmp_path: Path) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/agents.foreman.llmkube.dev"
    settings = EmbeddedSettings(directory=tmp_path / "api", port=None)
    async with serve(settings) as api, calling(api.socket, api.admin_token) as admin:
        before = (await admin("GET", path)).body
        stale = {**before, "spec": {**before["spec"], "scope": "Cluster"}}
        key = installation.Key(installation._DEFINITIONS, "", "agents.foreman.llmkube.dev")
        api.store.replace(key, stale, before=before)
        await api.store.settled()

    async with serve(settings) as api, calling(api.socket, api.admin_token) as admin:
        after = (await admin("GET", path)).body

    assert after["spec"] == before["spec"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"] + 1


def test_certificates_are_renewed_a_month_before_their_end(tmp_path: Path) -> None:
    files, made = certificates.ensured(tmp_path, NOW)
    server, authority = files.server.read_bytes(), files.authority.read_bytes()

    _, early = certificates.ensured(tmp_path, NOW + timedelta(days=300))
    kept = files.server.read_bytes()
    _, late = certificates.ensured(tmp_path, NOW + timedelta(days=340))

    assert (made, early, late) == (True, False, True)
    assert kept == server != files.server.read_bytes()
    assert files.authority.read_bytes() == authority


def test_an_authority_near_its_end_is_replaced_with_all_it_signed(tmp_path: Path) -> None:
    files, _ = certificates.ensured(tmp_path, NOW)
    authority = files.authority.read_bytes()

    _, renewed = certificates.ensured(tmp_path, NOW + timedelta(days=3640))

    new = x509.load_pem_x509_certificate(files.authority.read_bytes())
    assert renewed
    assert files.authority.read_bytes() != authority
    x509.load_pem_x509_certificate(files.server.read_bytes()).verify_directly_issued_by(new)


def test_a_damaged_certificate_is_made_anew(tmp_path: Path) -> None:
    files, _ = certificates.ensured(tmp_path, NOW)
    files.server.write_text("nonsense")

    _, renewed = certificates.ensured(tmp_path, NOW)

    assert renewed
    files.context()
