"""Settings come from the environment and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import (
    NETWORK_VARIABLES,
    SettingsError,
    gate_switches,
    git_surroundings,
    git_url,
    load,
    split,
)


def test_the_fields_names_and_their_aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ID", "7")
    monkeypatch.setenv("WEBHOOK_SECRET", "s")
    monkeypatch.setenv("GITHUB_API_URL", "https://ghe.example/api/v3/")

    settings = load()

    assert settings.github_app_id == "7"
    assert settings.github_webhook_secret.get_secret_value() == "s"
    assert "s" not in repr(settings.github_webhook_secret)
    assert settings.git_url == "https://ghe.example"


def test_overrides_win_unless_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FOREMAN_SLOTS", "5")

    settings = load(slots=None, data=tmp_path)

    assert (settings.slots, settings.data) == (5, tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        pytest.param("FOREMAN_SLOTS", "none", "FOREMAN_SLOTS", id="number"),
        pytest.param("FOREMAN_SANDBOX", "docker", "FOREMAN_SANDBOX", id="choice"),
        pytest.param("LOG_LEVEL", "loud", "^LOG_LEVEL: ", id="the name that was read"),
        pytest.param("FOREMAN_LOG_LEVEL", "loud", "^FOREMAN_LOG_LEVEL: ", id="our own name"),
        pytest.param("FOREMAN_GATE_NETWORK", "all", "^FOREMAN_GATE_NETWORK: ", id="network"),
        pytest.param(
            "FOREMAN_ALLOWED_HOSTS",
            "pkg.example, https://x.example",
            "^FOREMAN_ALLOWED_HOSTS: .*https://x.example: write the host's name alone",
            id="hosts",
        ),
        pytest.param(
            "FOREMAN_INDEX_ENVIRONMENT",
            "PIP_INDEX_URL",
            "^FOREMAN_INDEX_ENVIRONMENT: .*PIP_INDEX_URL: not NAME=value",
            id="variables",
        ),
        pytest.param("GITHUB_API_URL", "ghe.example", "not a web address", id="address"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=told):
        load()


def test_paths_start_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREMAN_KUBECONFIG", "~/cluster")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY_PATH", "~/app.pem")

    settings = load()

    assert settings.kubeconfig == Path.home() / "cluster"
    assert settings.github_app_private_key_path == Path.home() / "app.pem"


def test_log_levels_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "INFO")

    assert load().log_level == "info"


def test_git_is_told_of_proxies_and_certificates_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NETWORK_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/company.pem")

    assert git_surroundings() == {
        "https_proxy": "http://proxy:3128",
        "SSL_CERT_FILE": "/etc/company.pem",
        "GIT_SSL_CAINFO": "/etc/company.pem",
    }


def test_gate_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREMAN_SECRETS_GATE", "0")
    monkeypatch.setenv("FOREMAN_TEST_GATE", "1")

    assert gate_switches() == {"secrets": False, "test": True}


@pytest.mark.parametrize(
    ("api", "git"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://ghe.example/api/v3", "https://ghe.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_clone_urls_follow_the_api(api: str, git: str) -> None:
    assert git_url(api) == git


def test_lists_drop_what_is_empty() -> None:
    assert split(" a, ,b,") == ["a", "b"]
