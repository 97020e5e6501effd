"""The way to an API: the one door to the kubernetes package. Imported when a connection is made."""

from __future__ import annotations

import io
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from kubernetes.aio import config
from kubernetes.aio.client import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from yaml import YAMLError

from k8s.client import Access, Credentials, KubeconfigAccess, Transport, UnixAccess
from k8s.errors import AccessError

_untyped: Any = config  # its functions carry no annotations
_STREAMED = 512 * 1024  # bytes of a body that does not go out in one piece
_CONNECTIONS = 128  # at once; each watch holds one


@asynccontextmanager
async def transport(access: Access) -> AsyncIterator[tuple[Transport, Credentials]]:
    """An open REST client and where it goes. Raises `AccessError`."""
    connector: aiohttp.BaseConnector | None = None
    if isinstance(access, UnixAccess):
        configuration, connector = _unix_configuration(access)
    else:
        configuration = await _kubeconfig_configuration(access)
    rest = _Rest(configuration)
    try:
        yield rest, configuration
    finally:
        await rest.close()
        if connector:  # an injected connector is not the session's to close
            await connector.close()


class _Rest(RESTClientObject):
    """The package's session, TLS and proxies, with bodies that are already bytes.

    Its own `request` encodes with the slow json module and hands aiohttp a string, at which aiohttp
    warns when it is a transcript of a mebibyte.
    """

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        body: bytes | None,
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        if self.pool_manager is None:
            self.pool_manager = self._create_pool_manager()
        return await self.pool_manager.request(
            method,
            url,
            headers=headers,
            data=io.BytesIO(body) if body and len(body) > _STREAMED else body,
            timeout=timeout,
            proxy=self.proxy,
            proxy_headers=self.proxy_headers,
            server_hostname=self.configuration.tls_server_name,
        )


def _unix_configuration(access: UnixAccess) -> tuple[Any, aiohttp.BaseConnector]:
    configuration = Configuration(host="http://embedded")
    configuration.api_key["BearerToken"] = f"Bearer {access.token}"
    connector = aiohttp.UnixConnector(path=str(access.socket), limit=_CONNECTIONS)
    # A proxy from the environment has no business between us and a socket of ours.
    configuration.client_session_kwargs = {"connector": connector, "trust_env": False}
    return configuration, connector


async def _kubeconfig_configuration(access: KubeconfigAccess) -> Any:
    configuration: Any = Configuration(connection_pool_maxsize=_CONNECTIONS)
    default = config.KUBE_CONFIG_DEFAULT_LOCATION
    if access.path and not access.path.is_file():
        raise AccessError(f"kubeconfig {access.path}: no such file; name one that exists")
    try:
        if access.path is None and not any(Path(p).exists() for p in default.split(":")):
            _untyped.load_incluster_config(client_configuration=configuration)
        else:
            loader = await _untyped.load_kube_config(
                config_file=str(access.path) if access.path else None,
                context=access.context,
                client_configuration=configuration,
                persist_config=False,
            )
            configuration.refresh_api_key_hook = _renewal(loader)
    except (config.ConfigException, OSError, TypeError, UnicodeDecodeError, YAMLError) as exc:
        where = access.path or f"{default}, or a pod's service account"
        raise AccessError(
            f"kubeconfig {where}: {exc}; name one that exists, or start `foreman api`"
        ) from exc
    if _is_loopback(configuration.host):  # as kubectl: never through a proxy
        configuration.client_session_kwargs = {"trust_env": False}
    return configuration


def _renewal(loader: Any) -> Callable[[Any], Awaitable[None]] | None:
    """Keeps the token of an exec plugin (cloud clusters) fresh; None: nothing runs out."""
    if not hasattr(loader, "exec_plugin_expiry"):
        return None

    async def renew(configuration: Any) -> None:
        await loader.load_from_exec_plugin()  # does nothing before the expiry
        configuration.api_key["BearerToken"] = loader.token

    return renew


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
