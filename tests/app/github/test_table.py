from __future__ import annotations

import re
from typing import get_args

import aiohttp

from app.github.app import Scope
from app.github.codehost import NodeCodeHost
from app.github.permissions import TABLE, Phase
from loop.codehost import PullRequestWanted
from tests.app.town import REPOSITORY, Town

# With the App's own JWT: needs no permission of the installation's.
OWN = {
    "GET /app",
    "GET /repos/{}/{}/installation",
    "POST /app/installations/{}/access_tokens",
}


def folded(call: str) -> str:
    """*call* with nameless places; `/contents` is the root of its `{path}`."""
    call = re.sub(r"\{[^}]*\}", "{}", call)
    return call.removesuffix("/{}") if "/contents" in call else call


class Phased:
    source = "github-app"

    def __init__(self, town: Town, phase: Phase) -> None:
        self._town, self._phase = town, phase

    async def read(self) -> str:
        repository = self._town.github.world.repository(REPOSITORY)
        scope = Scope(REPOSITORY, self._town.github.world.installations[0].id, repository.id)
        return (await self._town.app.token(scope, self._phase)).text

    async def push(self) -> str:
        return await self.read()


async def intake(town: Town) -> int:
    """Every trigger and command once; the number of a pull request."""
    number = await town.labelled_issue()
    text = "/foreman status\n/foreman help\n/foreman dance\n/foreman cancel\n/foreman fix"
    await town.github.comment(REPOSITORY, number, "maintainer", text)
    await town.github.comment(REPOSITORY, number, "stranger", "/foreman fix")
    await town.github.push(REPOSITORY, "topic", "maintainer", {"app.py": "print(2)\n"})
    pull = await town.github.open_pull_request(REPOSITORY, "maintainer", "Mend", "topic")
    await town.github.report_check(REPOSITORY, pull["head"]["sha"], "build", "failure")
    await town.github.comment(REPOSITORY, pull["number"], "maintainer", "/foreman review")
    await town.github.close(REPOSITORY, number, "maintainer")
    await town.settled()
    return int(pull["number"])


async def called(town: Town) -> set[str]:
    found = {folded(f"{method} {route}") for method, route in town.exchanges}
    town.exchanges.clear()
    return found


def allowed(phase: Phase) -> set[str]:
    return {folded(endpoint.call) for endpoint in TABLE[phase]} | OWN


async def test_each_phase_makes_only_the_calls_of_its_row(town: Town) -> None:
    number = await intake(town)
    made = await called(town)
    assert made <= allowed("report")
    assert "POST /repos/{}/{}/issues/{}/reactions" in made

    async with aiohttp.ClientSession() as session:
        reader = NodeCodeHost(session, town.github.url, Phased(town, "read"))
        await reader.issue(REPOSITORY, 1)
        await reader.pull_request(REPOSITORY, number)
        made = await called(town)
        assert made <= allowed("read")
        assert made - OWN == allowed("read") - OWN - {"git fetch"}

        await town.github.push(REPOSITORY, "foreman/x", "maintainer", {"app.py": "print(3)\n"})
        writer = NodeCodeHost(session, town.github.url, Phased(town, "push"))
        await writer.ensure_pull_request(
            PullRequestWanted(REPOSITORY, "foreman/x", "main", "Mend", "Words.")
        )
        made = await called(town)
        assert made - OWN == allowed("push") - OWN - {"git push"}


def test_every_phase_has_a_row() -> None:
    assert set(TABLE) == set(get_args(Phase))
