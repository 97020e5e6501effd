"""All settings, from the environment; nobody else reads it.

Names are the field's (`GITHUB_APP_ID`, `GITHUB_WEBHOOK_SECRET`) where it has one, else
`FOREMAN_…`. Defaults run: `foreman up` needs the App's credentials and one agent.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tools.sandbox.egress import parse

PUBLIC_API = "https://api.github.com"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# How the machine reaches the network, for every process of ours and for git.
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
NETWORK_VARIABLES = (
    *_PROXIES,
    *(name.lower() for name in _PROXIES),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE"),
)


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and the remedy."""


def _names(*names: str) -> Any:
    return AliasChoices(*names)


class Settings(BaseSettings):
    """Read once at start, handed down in pieces."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True
    )

    github_app_id: str = Field("", validation_alias=_names("GITHUB_APP_ID", "APP_ID"))
    """App id or client id. Empty: no GitHub; resources applied by hand still run."""

    github_app_private_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=_names("GITHUB_APP_PRIVATE_KEY", "GITHUB_PRIVATE_KEY", "PRIVATE_KEY"),
    )
    """PEM text, also with escaped newlines or in base64."""

    github_app_private_key_path: Path | None = Field(
        None,
        validation_alias=_names(
            "GITHUB_APP_PRIVATE_KEY_PATH", "GITHUB_PRIVATE_KEY_PATH", "PRIVATE_KEY_PATH"
        ),
    )
    """A file with the key. None: the key is in the text setting."""

    github_webhook_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias=_names(
            "GITHUB_WEBHOOK_SECRET", "GITHUB_APP_WEBHOOK_SECRET", "WEBHOOK_SECRET"
        ),
    )
    """Signs deliveries. Empty: `serve` refuses to start."""

    github_webhook_secret_previous: SecretStr = Field(
        SecretStr(""), validation_alias=_names("GITHUB_WEBHOOK_SECRET_PREVIOUS")
    )
    """Accepted too while a secret is being rotated. Empty: none."""

    github_api_url: str = Field(
        PUBLIC_API, validation_alias=_names("GITHUB_API_URL", "GITHUB_API_BASE_URL")
    )
    """The REST root; `https://HOST/api/v3` for GitHub Enterprise Server."""

    public_url: str = Field("", validation_alias=_names("FOREMAN_PUBLIC_URL"))
    """Where GitHub reaches us. Empty: deliveries are read from GitHub's API instead."""

    host: str = Field("127.0.0.1", validation_alias=_names("FOREMAN_HOST", "HOST"))
    """Address of the webhook server; 0.0.0.0 behind a proxy or in a container."""

    port: int = Field(8080, validation_alias=_names("FOREMAN_PORT", "PORT"), ge=0, le=65535)
    """Port of the webhook server; 0 takes a free one."""

    api_port: int = Field(6440, validation_alias=_names("FOREMAN_API_PORT"), ge=0, le=65535)
    """Port of the embedded API for kubectl, on loopback; 0 takes a free one."""

    data: Path = Field(
        Path("~/.local/share/foreman"),
        validation_alias=_names("FOREMAN_DATA"),
        validate_default=True,
    )
    """Folder of the store, keys, mirrors and workspaces; made with mode 0700."""

    config: Path = Field(Path("foreman.toml"), validation_alias=_names("FOREMAN_CONFIG"))
    """Agents by file, rendered to resources at start; what it no longer names is deleted. It must
    exist if it is named here. Absent: resources alone count."""

    kubeconfig: Path | None = Field(None, validation_alias=_names("FOREMAN_KUBECONFIG"))
    """Use this cluster instead of the embedded API. None: embedded."""

    task_namespace: str = Field("default", validation_alias=_names("FOREMAN_TASK_NAMESPACE"))
    """Where Workloads and tasks live."""

    control_namespace: str = Field(
        "foreman-system", validation_alias=_names("FOREMAN_CONTROL_NAMESPACE")
    )
    """Where Deliveries live."""

    label: str = Field("foreman", validation_alias=_names("FOREMAN_LABEL"), min_length=1)
    """The label that starts the pipeline."""

    coder: str = Field("", validation_alias=_names("FOREMAN_CODER"))
    """Agent that writes. Empty: the first Agent of role coder by name."""

    verifier: str = Field("gate", validation_alias=_names("FOREMAN_VERIFIER"))
    """Agent that verifies in a clean clone. `none`: reviews follow the coder directly."""

    reviewers: str = Field("", validation_alias=_names("FOREMAN_REVIEWERS"))
    """Agents that review, by comma. Empty: the first Agent of role reviewer by name."""

    escalation_coder: str = Field("", validation_alias=_names("FOREMAN_ESCALATION_CODER"))
    """The Agent that tries once more where the coder could not. Empty: none."""

    escalation_reviewers: str = Field("", validation_alias=_names("FOREMAN_ESCALATION_REVIEWERS"))
    """Agents that fill a reviewer's seat which stayed undecided, by comma. Empty: the reviewer is
    asked once more itself."""

    allow_cloud_providers: bool = Field(
        False, validation_alias=_names("FOREMAN_ALLOW_CLOUD_PROVIDERS")
    )
    """Whether Agents may use models at hosts that are not private, coders and reviewers alike. A
    Workload may still refuse with `allowCloudReviewers: false`."""

    allowed_bots: str = Field("", validation_alias=_names("FOREMAN_ALLOWED_BOTS"))
    """Bots whose events count, by comma (`renovate[bot]`). Empty: none."""

    node_name: str = Field("", validation_alias=_names("FLEET_NODE_NAME", "FOREMAN_NODE_NAME"))
    """Stable name of this machine's FleetNode. Empty: the host's name."""

    slots: int = Field(2, validation_alias=_names("FOREMAN_SLOTS"), ge=1, le=256)
    """Tasks at once on this node."""

    sandbox: Literal["auto", "bubblewrap", "none"] = Field(
        "auto", validation_alias=_names("FOREMAN_SANDBOX")
    )
    """auto: bubblewrap where it works, else only trusted repositories. bubblewrap: a node does not
    start without it. none: no sandbox, for any repository."""

    gate_network: Literal["none", "host"] = Field(
        "none", validation_alias=_names("FOREMAN_GATE_NETWORK")
    )
    """What a gate's setup command may reach on this node, where the task says nothing. none: the
    allowed hosts. host: the node's network; code of the repository may run there then."""

    agent_network: Literal["none", "host"] = Field(
        "none", validation_alias=_names("FOREMAN_AGENT_NETWORK")
    )
    """host: an Agent whose sandbox.network is host gets this node's network, for all its commands.
    none: a task of such an Agent fails here."""

    allowed_hosts: str = Field("", validation_alias=_names("FOREMAN_ALLOWED_HOSTS"))
    """Hosts that gates' setup commands may reach, by comma: NAME, NAME:PORT or *.NAME, by TLS
    through a filtering proxy, on port 443 where none is named. Only an entry NAME:PORT may be in a
    private network. Empty: none but those of the Agent's sandbox.allowedHosts."""

    index_environment: str = Field("", validation_alias=_names("FOREMAN_INDEX_ENVIRONMENT"))
    """Variables that commands with allowed hosts see, as NAME=value separated by spaces and quoted
    as in a shell: where your package index is. No secrets: code of the repository reads them.
    Empty: none."""

    setup_cache_mb: int = Field(
        10240, validation_alias=_names("FOREMAN_SETUP_CACHE_MB"), ge=0, le=10**7
    )
    """Disk for what setups installed, in MiB, kept by lock file; the longest unused goes first.
    0: none is kept, and every gate's setup runs anew."""

    trusted_repositories: str = Field("", validation_alias=_names("FOREMAN_TRUSTED_REPOSITORIES"))
    """owner/name by comma, that may run without a sandbox. Empty: none."""

    toolchains: str = Field("", validation_alias=_names("FOREMAN_TOOLCHAINS"))
    """More folders that sandboxes may read, by colon. Empty: what is on PATH."""

    commit_author_name: str = Field(
        "Foreman Bot", validation_alias=_names("FOREMAN_COMMIT_AUTHOR_NAME")
    )
    """Name of author and sign-off."""

    commit_author_email: str = Field("", validation_alias=_names("FOREMAN_COMMIT_AUTHOR_EMAIL"))
    """Address of author and sign-off; `work` refuses to start without one."""

    github_token: SecretStr = Field(SecretStr(""), validation_alias=_names("GITHUB_TOKEN"))
    """Of the node's owner, for tasks that no App minted a token for. Empty: the token file."""

    unavailable_seconds: float = Field(
        3600.0, validation_alias=_names("FOREMAN_UNAVAILABLE_SECONDS"), gt=0
    )
    """How long a task waits for a missing Agent or a silent endpoint before it fails."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias=_names("FOREMAN_LOG_LEVEL", "LOG_LEVEL")
    )
    """Least severity that is printed."""

    log_format: Literal["auto", "console", "json"] = Field(
        "auto", validation_alias=_names("FOREMAN_LOG_FORMAT", "LOG_FORMAT")
    )
    """auto: console in a terminal, else JSON lines."""

    @field_validator("data", "config", mode="after")
    @classmethod
    def _expand(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("kubeconfig", "github_app_private_key_path", mode="after")
    @classmethod
    def _from_home(cls, path: Path | None) -> Path | None:
        return path and path.expanduser()

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, word: object) -> object:
        return word.lower() if isinstance(word, str) else word

    @field_validator("github_api_url", "public_url", mode="after")
    @classmethod
    def _url(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{url}: not a web address; it starts with https://")
        return url.rstrip("/")

    @field_validator("allowed_hosts", mode="after")
    @classmethod
    def _hosts(cls, entries: str) -> str:
        parse(split(entries), operator=True)
        return entries

    @field_validator("index_environment", mode="after")
    @classmethod
    def _variables(cls, text: str) -> str:
        variables(text)
        return text

    @property
    def git_url(self) -> str:
        """Where repositories are cloned from, without a trailing slash."""
        return git_url(self.github_api_url)

    @property
    def node(self) -> str:
        return self.node_name or socket.gethostname().split(".")[0].lower()


def git_url(api_url: str) -> str:
    """The root of clone URLs that belongs to a REST root."""
    if api_url == PUBLIC_API:
        return "https://github.com"
    return api_url.removesuffix("/api/v3")


def split(text: str, separator: str = ",") -> list[str]:
    """The non-empty parts of a list setting."""
    return [part.strip() for part in text.split(separator) if part.strip()]


def variables(text: str) -> dict[str, str]:
    """`NAME=value` words, quoted as in a shell. Raises ValueError."""
    found = {}
    for word in shlex.split(text):
        name, equals, value = word.partition("=")
        if not equals or not _VARIABLE.fullmatch(name):
            raise ValueError(f"{word}: not NAME=value")
        found[name] = value
    return found


def gate_switches() -> dict[str, bool]:
    """`FOREMAN_<NAME>_GATE=0` as {"<name>": False}; names in lower case."""
    found = {}
    for name, value in os.environ.items():
        if name.startswith("FOREMAN_") and name.endswith("_GATE"):
            found[name[len("FOREMAN_") : -len("_GATE")].lower()] = value != "0"
    return found


def surroundings() -> dict[str, str]:
    """The operator's proxies and certificates, as we were given them; never a token."""
    return {name: os.environ[name] for name in NETWORK_VARIABLES if os.environ.get(name)}


def git_surroundings() -> dict[str, str]:
    """The same for git, which knows certificate files by a name of its own."""
    found = surroundings()
    files = ("GIT_SSL_CAINFO", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    file = next((found[name] for name in files if name in found), "")
    return {**found, "GIT_SSL_CAINFO": file} if file else found


def _read_from(name: str) -> str:
    """The variable that the setting with the alias *name* was read from."""
    given = {variable.upper() for variable, value in os.environ.items() if value}
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        assert isinstance(alias, AliasChoices), "every setting names its variables"
        choices = [str(choice) for choice in alias.choices]
        if name in choices:
            return next((choice for choice in choices if choice in given), name)
    return name


def load(**overrides: Any) -> Settings:
    """Settings from the environment, *overrides* (not None) winning. Raises `SettingsError`."""
    try:
        settings = Settings()
    except ValidationError as fault:
        first = fault.errors()[0]
        where = _read_from(str(first["loc"][0]))
        raise SettingsError(f"{where}: {first['msg']}; see docs/settings.md") from None
    given = {key: value for key, value in overrides.items() if value is not None}
    return settings.model_copy(update=given)
