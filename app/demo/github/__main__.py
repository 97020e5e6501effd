"""`python -m app.demo.github`: the local GitHub as a process of its own.

Prints one line of JSON when it is ready: url, app_id, client_id, app_slug, private_key_path,
webhook_secret. Ends on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import yaml

from app.demo.github.forge import LocalGitHubSettings
from app.demo.github.people import LocalGitHub
from app.demo.github.server import local_github


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.demo.github", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="where the repositories go")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free one")
    parser.add_argument("--webhook-url", help="without it the hook is inactive")
    parser.add_argument("--webhook-secret", default=LocalGitHubSettings.webhook_secret)
    parser.add_argument("--private-key", type=Path, help="a PEM; without it one is generated")
    parser.add_argument(
        "--manifest", type=Path, help="an App manifest (YAML): its permissions and events"
    )
    parser.add_argument("--app-slug", default=LocalGitHubSettings.app_slug)
    parser.add_argument(
        "--scenario-file",
        type=Path,
        help="JSON: a list of {verb: arguments}, carried out before the server is ready",
    )
    return parser.parse_args()


async def play(github: LocalGitHub, steps: list[dict[str, dict[str, Any]]]) -> None:
    """Carry out the steps of a scenario: each one verb of `/_local/` with its arguments."""
    from app.demo.github.local_api import VERBS

    for step in steps:
        for verb, arguments in step.items():
            if verb not in VERBS:
                raise SystemExit(f"scenario: {verb} is not one of {', '.join(VERBS)}")
            await getattr(github, verb)(**arguments)


def _manifest(path: Path | None) -> dict[str, Any]:
    """What a manifest says of permissions and events; nothing without one."""
    if path is None:
        return {}
    found = yaml.safe_load(path.read_text())
    return {
        "permissions": dict(found["default_permissions"]),
        "events": tuple(found["default_events"]),
    }


def _key_file(github: LocalGitHub, directory: Path) -> Path:
    path = directory / "app.pem"
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(github.private_key)
    return path.resolve()


async def _serve(arguments: argparse.Namespace) -> None:
    settings = LocalGitHubSettings(
        **_manifest(arguments.manifest),
        directory=arguments.directory,
        host=arguments.host,
        port=arguments.port,
        webhook_url=arguments.webhook_url,
        webhook_secret=arguments.webhook_secret,
        app_slug=arguments.app_slug,
        private_key=arguments.private_key.read_text() if arguments.private_key else None,
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with local_github(settings) as github:
        if arguments.scenario_file:
            await play(github, json.loads(arguments.scenario_file.read_text()))
        ready = {
            "url": github.url,
            "app_id": github.app_id,
            "client_id": github.app.client_id,
            "app_slug": github.app.slug,
            "private_key_path": str(_key_file(github, arguments.directory)),
            "webhook_secret": github.webhook_secret,
        }
        sys.stdout.write(json.dumps(ready) + os.linesep)
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    asyncio.run(_serve(_arguments()))


if __name__ == "__main__":
    main()
