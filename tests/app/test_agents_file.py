"""foreman.toml becomes resources, or one clear sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.agents_file import AgentsFile, endpoint_name, read, resources
from app.settings import SettingsError
from k8s.resources.agent import Agent
from k8s.resources.core import Secret
from k8s.resources.endpoint import ModelEndpoint

TWO_ON_ONE_SERVER = """
[agents.qwen]
base_url = "http://10.0.0.5:8081/v1/"
model = "qwen3"
api_key = "k"

[agents.second]
base_url = "http://10.0.0.5:8081/v1"
model = "other"
roles = ["review"]
"""


def rendered(tmp_path: Path, text: str) -> list[object]:
    file = tmp_path / "foreman.toml"
    file.write_text(text)
    return list(resources(read(file), "default"))


def test_no_file_still_gives_the_gate(tmp_path: Path) -> None:
    [gate] = resources(read(tmp_path / "foreman.toml"), "default")

    assert isinstance(gate, Agent)
    assert (gate.metadata.name, gate.spec.role, gate.deterministic) == ("gate", "verifier", True)


def test_agents_of_one_server_share_its_endpoint(tmp_path: Path) -> None:
    made = rendered(tmp_path, TWO_ON_ONE_SERVER)

    [endpoint] = [r for r in made if isinstance(r, ModelEndpoint)]
    [secret] = [r for r in made if isinstance(r, Secret)]
    agents = {r.metadata.name: r for r in made if isinstance(r, Agent)}
    assert endpoint.spec.base_url == "http://10.0.0.5:8081/v1"
    assert endpoint.spec.api_key_secret_ref is not None
    assert endpoint.spec.api_key_secret_ref.name == secret.metadata.name
    assert {name: agent.spec.role for name, agent in agents.items()} == {
        "qwen": "coder",
        "qwen-reviewer": "reviewer",
        "second": "reviewer",
        "gate": "verifier",
    }
    assert agents["qwen"].spec.system_prompt


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("agents = [", "not TOML", id="syntax"),
        pytest.param("[agents.a]\nmodel='m'", "agents.a.base_url", id="no address"),
        pytest.param(
            "[agents.a]\nbase_url='http://x'\nmodel='m'\nroles=['boss']",
            "agents.a.roles",
            id="role",
        ),
        pytest.param("[agents.A]\nbase_url='http://x'\nmodel='m'", "not a name", id="name"),
        pytest.param("[agents.a--b]\nbase_url='http://x'\nmodel='m'", "not a name", id="dashes"),
        pytest.param(
            "[agents.gate]\nbase_url='http://x'\nmodel='m'",
            "agents.gate: makes an Agent gate, and so does the verifier",
            id="gate",
        ),
        pytest.param(
            "[agents.a]\nbase_url='http://x'\nmodel='m'\n"
            "[agents.a-reviewer]\nbase_url='http://x'\nmodel='m'",
            "agents.a-reviewer: makes an Agent a-reviewer, and so does agents.a; take another name",
            id="names after suffixing",
        ),
        pytest.param(
            "[agents.a]\nbase_url='http://x'\nmodel='m'\nroles=['dev', 'review', 'review']",
            "a-reviewer",
            id="role twice",
        ),
        pytest.param(
            "[agents.a]\nbase_url='http://x'\nmodel='m'\napi_key='1'\n"
            "[agents.b]\nbase_url='http://x/'\nmodel='m'\napi_key='2'",
            "agents.b.api_key: agents.a has another for http://x",
            id="two keys",
        ),
        pytest.param("[agent.a]\nbase_url='http://x'", "agent", id="unknown table"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=r"foreman\.toml") as fault:
        rendered(tmp_path, text)

    assert told in str(fault.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://10.0.0.5:8081/v1", "10-0-0-5-8081-"),
        ("https://Models.Example.org/v1", "models-example-org-"),
        ("http://[::1]:80/v1", "1-80-"),
        (f"http://{'a' * 90}/v1", f"{'a' * 40}-"),
    ],
)
def test_an_endpoint_is_named_by_its_address(url: str, name: str) -> None:
    assert re.fullmatch(f"{name}[0-9a-f]{{6}}", endpoint_name(url))
    assert endpoint_name(url) == endpoint_name(f"{url}/")


def test_two_addresses_of_one_host_are_two_endpoints() -> None:
    urls = ["http://h/a/v1", "https://h/b/v1", "http://h/b/v1"]

    assert len({endpoint_name(url) for url in urls}) == len(urls)


def test_a_file_that_is_a_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not readable"):
        read(tmp_path)


def test_an_empty_file_is_no_agents() -> None:
    assert AgentsFile().agents == {}
