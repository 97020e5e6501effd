"""`foreman up` where no demo can be imported, GitHub and model each in a process of their own.

It is told nothing but documented settings, and does what the demo does.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.demo.scenario import Scenario, load
from tests.e2e.house import NAMES, agents_file
from tests.e2e.program import Program, foreman_environment, free_port, until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "app/demo/scenarios/first.yaml"
NOWHERE = "https://foreman.invalid/webhook"  # what app.yml says where there is no public address


@pytest.fixture(name="python", scope="module")
def _python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter that has the four packages without the demo, and what they depend on."""
    top = tmp_path_factory.mktemp("installed")
    packages = top / "packages"
    for name in ("app", "k8s", "loop", "tools"):
        ignored = shutil.ignore_patterns("__pycache__", *(["demo"] if name == "app" else []))
        shutil.copytree(ROOT / name, packages / name, ignore=ignored)
    return str(_environment(top / "venv", packages))


def _environment(folder: Path, packages: Path) -> Path:
    import venv

    venv.create(folder, with_pip=False, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    # A path in a .pth adds the folder, not the .pth files in it: ours are not found through it.
    paths = [str(packages), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (site / "installed.pth").write_text("\n".join(dict.fromkeys(paths)) + "\n")
    return folder / "bin" / "python"


@dataclass(frozen=True)
class Far:
    """The local GitHub in another process, as its `/_local/` shows it."""

    url: str
    session: aiohttp.ClientSession

    async def __call__(self, verb: str, **arguments: Any) -> Any:
        url = f"{self.url}/_local/{verb}"
        async with self.session.post(url, json=arguments) as answer:
            body = await answer.json()
            assert "result" in body, body
            return body["result"]


@asynccontextmanager
async def running(*programs: Program) -> AsyncIterator[None]:
    try:
        for program in programs:
            await program.start()
        yield
    finally:
        codes = [await p.stop() for p in reversed(programs) if p.process is not None]
    assert set(codes) == {0}, codes


def _github(directory: Path, scenario: Scenario, webhook_url: str) -> Program:
    story, issue = scenario.repository, scenario.issue
    steps: list[dict[str, Any]] = [{"create_user": {"login": p.login}} for p in scenario.people]
    made = {"repository": story.name, "files": story.files, "private": False}
    steps.append({"create_repository": made})
    steps += [
        {"set_permission": {"repository": story.name, "user": p.login, "permission": p.permission}}
        for p in scenario.people
        if p.permission != "none"
    ]
    asked = {"user": issue.author, "title": issue.title, "body": issue.body}
    steps.append({"open_issue": {"repository": story.name, **asked}})
    (directory / "steps.json").write_text(json.dumps(steps))
    arguments = ["app.demo.github", "--directory", str(directory / "github")]
    arguments += ["--webhook-url", webhook_url, "--scenario-file", str(directory / "steps.json")]
    arguments += ["--manifest", str(ROOT / "app.yml")]
    log = directory / "github.log"
    return Program(arguments, foreman_environment(directory), directory, log)


def _model(directory: Path) -> Program:
    arguments = ["k8s.scripted", "--scenario", str(SCENARIO)]
    return Program(arguments, foreman_environment(directory), directory, directory / "model.log")


def _up(directory: Path, python: str, ready: dict[str, Any], settings: dict[str, str]) -> Program:
    environment = foreman_environment(
        directory,
        GITHUB_APP_ID=str(ready["app_id"]),
        GITHUB_APP_PRIVATE_KEY_PATH=ready["private_key_path"],
        GITHUB_API_URL=ready["url"],
        FOREMAN_DATA=str(directory / "data"),
        FOREMAN_CONFIG=str(directory / "foreman.toml"),
        FOREMAN_COMMIT_AUTHOR_EMAIL="foreman@example.com",
        FOREMAN_API_PORT="0",
        FOREMAN_TRUSTED_REPOSITORIES="acme/durations",
        **settings,
    )
    log = directory / "up.log"
    return Program(["app.cli.main", "up"], environment, directory, log, python=python)


async def test_there_is_no_demo(python: str, tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        *(python, "-c", "import app.up, loop.agent; print(app.up.__file__); import app.demo"),
        env=foreman_environment(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()

    assert str(ROOT) not in out.decode()
    assert b"No module named 'app.demo'" in err


@pytest.mark.parametrize("is_public", [True, False], ids=["webhooks", "deliveries read"])
async def test_up_does_what_the_demo_does(python: str, tmp_path: Path, *, is_public: bool) -> None:
    scenario, port = load("first"), free_port()
    name = scenario.repository.name
    hook = f"http://127.0.0.1:{port}/webhook" if is_public else NOWHERE
    github, model = _github(tmp_path, scenario, hook), _model(tmp_path)
    async with running(github, model), aiohttp.ClientSession() as session:
        ready = json.loads(await github.line("{"))
        agents_file(tmp_path, await model.line("http"))
        far = Far(ready["url"], session)
        settings = {
            "GITHUB_WEBHOOK_SECRET": ready["webhook_secret"],
            "FOREMAN_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "FOREMAN_PORT": str(port),
        }
        up = _up(tmp_path, python, ready, settings if is_public else {})
        async with running(up):
            await up.line("kubectl", seconds=30.0)
            if is_public:
                await up.line("webhooks")
            await far(
                "label", repository=name, number=1, user=scenario.issue.author, name="foreman"
            )
            await _assert_reviewed(far, name)
        assert await _problems(session, tmp_path) == []


async def _assert_reviewed(far: Far, name: str) -> None:
    async def is_ready() -> dict[str, Any] | None:
        pulls = await far("pulls", repository=name)
        return next((pull for pull in pulls if not pull["draft"]), None)

    pull = await until(is_ready, seconds=90.0, what="a pull request that is ready for review")
    checks = await far("checks", repository=name, sha=pull["head"]["sha"])
    [review] = await far("reviews", repository=name, number=pull["number"])
    [commit, *_] = await far("commits", repository=name, ref=pull["head"]["ref"])

    assert {c["name"]: c["conclusion"] for c in checks} == dict.fromkeys(NAMES, "success")
    assert review["state"] == "COMMENTED"
    assert "overridden" in review["body"]
    assert "durations/cli.py" in review["body"]
    assert commit["message"].splitlines()[-1] == "Fixes #1"
    assert "Signed-off-by: Foreman Bot <foreman@example.com>" in commit["message"]


async def _problems(session: aiohttp.ClientSession, directory: Path) -> list[str]:
    """What the model was asked that its script does not know."""
    base = (directory / "model.log").read_text().splitlines()[0].removesuffix("/v1")
    async with session.get(f"{base}/problems") as answer:
        found: list[str] = await answer.json()
        return found
