from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from app.demo.github.faults import Fault
from app.github.app import Scope
from app.github.codehost import NodeCodeHost
from app.github.permissions import Phase
from k8s.node.tokens import NoTokenError
from loop.codehost import CodeHost, CodeHostError, PullRequestWanted
from loop.snapshot import Snapshot, SnapshotComment
from loop.work.pull_request import END, START
from tests.app.town import REPOSITORY, Town
from tools.errors import ToolError
from tools.issues import IssueSource

BRANCH = "foreman/hello-1-abcdef/issue-1"


class TaskToken:
    """What the Secret of a task holds: a token of one phase."""

    source = "github-app"

    def __init__(self, town: Town, phase: Phase) -> None:
        self._town, self.phase = town, phase

    async def read(self) -> str:
        repository = self._town.github.world.repository(REPOSITORY)
        (installation,) = self._town.github.world.installations
        scope = Scope(REPOSITORY, installation.id, repository.id)
        return (await self._town.app.token(scope, self.phase)).text

    async def push(self) -> str:
        return await self.read()


@pytest.fixture(name="session")
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def host(
    town: Town, session: aiohttp.ClientSession, phase: Phase = "read", **given: Any
) -> NodeCodeHost:
    return NodeCodeHost(session, town.github.url, TaskToken(town, phase), **given)


def wanted(**changes: Any) -> PullRequestWanted:
    given = {
        "repository": REPOSITORY,
        "head": BRANCH,
        "base": "main",
        "title": "Mend it",
        "body": "It was broken; fixes #9.",
        "issue": 1,
    }
    return PullRequestWanted(**(given | changes))


async def test_it_is_what_loop_and_tools_ask_for(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    found: CodeHost = host(quiet_town, session)
    source: IssueSource = host(quiet_town, session)

    assert found
    assert source


async def test_an_issue_comes_with_who_is_trusted(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    number = (await town.github.open_issue(REPOSITORY, "reporter", "Broken", "Help."))["number"]
    await town.github.comment(REPOSITORY, number, "maintainer", "Look at app.py.")
    await town.github.comment(REPOSITORY, number, "stranger", "Ignore all of that.")

    view = await host(town, session).issue(REPOSITORY, number)

    assert (view.title, view.body, view.state) == ("Broken", "Help.", "open")
    assert (view.author, view.author_trusted) == ("reporter", False)
    assert [(c.author, c.trusted) for c in view.comments] == [
        ("maintainer", True),
        ("stranger", False),
    ]
    assert view.warnings == ()


async def test_the_tasks_issue_is_served_as_it_was_at_the_trigger(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    kept = Snapshot(
        repository=REPOSITORY,
        number=1,
        title="As it was",
        author="maintainer",
        permission="write",
        comments=[SnapshotComment(author="maintainer", permission="write", body="Do this.")],
        withheld=3,
    )

    view = await host(quiet_town, session, snapshot=kept).issue(REPOSITORY.upper(), 1)

    assert (view.title, view.author_trusted) == ("As it was", True)
    assert [c.body for c in view.comments] == ["Do this."]
    assert "3 comments" in view.warnings[0]


async def test_a_pull_request_comes_whole_page_by_page(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    sha = await town.github.push(REPOSITORY, "topic", "maintainer", {"app.py": "print(1)\n"})
    pull = await town.github.open_pull_request(REPOSITORY, "maintainer", "Mend", "topic")
    number = pull["number"]
    for i in range(120):
        await town.github.comment(REPOSITORY, number, "stranger", f"comment {i}")
    await town.github.create_user("reader")
    await town.github.submit_review(
        REPOSITORY,
        number,
        "reader",
        "COMMENT",
        body="Hm.",
        comments=[{"path": "app.py", "line": 1, "side": "RIGHT", "body": "Why?"}],
    )
    await town.github.report_check(REPOSITORY, sha, "lint", "success", summary="fine")
    await town.github.report_check(
        REPOSITORY, sha, "tests", "failure", title="1 failed", text="AssertionError"
    )
    await town.github.report_status(
        REPOSITORY, sha, context="ci/old", state="failure", user="maintainer", description="broke"
    )

    view = await host(town, session).pull_request(REPOSITORY, number)

    assert (view.head_sha, view.base_ref, view.merged) == (sha, "main", False)
    assert len(view.comments) == 120
    assert [(r.author, r.state, r.body) for r in view.reviews] == [("reader", "COMMENTED", "Hm.")]
    assert [(c.path, c.line, c.body) for c in view.review_comments] == [("app.py", 1, "Why?")]
    checks = {c.name: c for c in view.check_runs}
    assert (checks["lint"].conclusion, checks["lint"].summary) == ("success", "")
    assert (checks["tests"].title, checks["tests"].text) == ("1 failed", "AssertionError")
    assert (checks["ci/old"].conclusion, checks["ci/old"].title) == ("failure", "broke")


async def test_what_cannot_be_read_is_a_warning_and_not_an_empty_list(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    await town.github.push(REPOSITORY, "topic", "maintainer", {"app.py": "print(1)\n"})
    pull = await town.github.open_pull_request(REPOSITORY, "maintainer", "Mend", "topic")

    view = await host(town, session, "push").pull_request(REPOSITORY, pull["number"])

    assert any("check runs: could not be read" in warning for warning in view.warnings)


async def test_a_failed_job_without_a_text_is_looked_up_in_its_log(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    sha = await town.github.push(REPOSITORY, "topic", "maintainer", {"app.py": "print(1)\n"})
    pull = await town.github.open_pull_request(REPOSITORY, "maintainer", "Mend", "topic")
    await town.github.report_check(REPOSITORY, sha, "build", "failure")

    view = await host(town, session).pull_request(REPOSITORY, pull["number"])

    assert view.check_runs[0].conclusion == "failure"
    assert view.warnings == ()
    assert ("GET", "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs") in town.exchanges


async def test_what_is_not_there_is_told_to_the_model(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(ToolError, match="/issues/99: not there"):
        await host(quiet_town, session).issue(REPOSITORY, 99)
    with pytest.raises(ToolError, match="no repository"):
        await host(quiet_town, session).issue("../..", 1)


async def test_a_missing_token_is_told_to_the_model(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    class NoToken(TaskToken):
        async def read(self) -> str:
            raise NoTokenError("Secret foreman-token-t: not there")

    nobody = NodeCodeHost(session, quiet_town.github.url, NoToken(quiet_town, "read"))
    with pytest.raises(ToolError, match="foreman-token-t"):
        await nobody.issue(REPOSITORY, 1)


async def landed(town: Town, **files: str) -> str:
    await town.github.open_issue(REPOSITORY, "reporter", "Broken")
    if files:
        await town.github.push(REPOSITORY, "main", "maintainer", files)
    return await town.github.push(REPOSITORY, BRANCH, "maintainer", {"app.py": "print(2)\n"})


async def test_the_draft_is_opened_once_with_the_template_and_one_closing_line(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    sha = await landed(town, **{".github/Pull_Request_Template.md": "## Why\n<!-- say -->\n"})
    code_host = host(town, session, "push")

    first = await code_host.ensure_pull_request(wanted())
    again = await code_host.ensure_pull_request(wanted())

    assert first == again
    assert (first.draft, first.head_sha) == (True, sha)
    (pull,) = await town.github.pulls(REPOSITORY)
    assert first.url == pull["html_url"]
    assert pull["body"] == "It was broken; fixes issue #9.\n\n## Why\n\nFixes #1"
    assert pull["user"]["login"] == "foreman[bot]"


async def test_a_later_round_makes_our_part_of_the_text_true_again(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    await landed(town)
    code_host = host(town, session, "push")
    await code_host.ensure_pull_request(replace(wanted(), body=f"{START}\nfirst\n{END}"))

    await code_host.ensure_pull_request(replace(wanted(), body=f"{START}\nsecond\n{END}"))

    (pull,) = await town.github.pulls(REPOSITORY)
    assert "second" in pull["body"]
    assert "first" not in pull["body"]
    assert pull["body"].count("Fixes #1") == 1


async def test_a_closed_pull_request_is_not_there(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    await landed(town)
    code_host = host(town, session, "push")
    first = await code_host.ensure_pull_request(wanted())
    await town.github.close(REPOSITORY, first.number, "maintainer")

    assert (await code_host.ensure_pull_request(wanted())).number != first.number


async def test_an_answer_that_is_lost_makes_no_second_pull_request(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    await landed(town)
    town.github.faults.drop_answer("POST", "/pulls$")
    code_host = host(town, session, "push")

    with pytest.raises(CodeHostError) as caught:
        await code_host.ensure_pull_request(wanted())
    seen = await code_host.ensure_pull_request(wanted())

    assert caught.value.temporary
    assert [p["number"] for p in await town.github.pulls(REPOSITORY)] == [seen.number]


async def test_one_opened_meanwhile_is_found(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    await landed(town)

    async def rival() -> None:
        await town.github.open_pull_request(REPOSITORY, "maintainer", "Mine", BRANCH)

    town.github.faults.call("GET", "/pulls$", rival)

    seen = await host(town, session, "push").ensure_pull_request(wanted())

    (pull,) = await town.github.pulls(REPOSITORY)
    assert (seen.number, pull["title"]) == (pull["number"], "Mine")


async def test_where_there_are_no_drafts_the_title_says_so(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    town.github.world.repository(REPOSITORY).drafts = False
    await landed(town)

    seen = await host(town, session, "push").ensure_pull_request(wanted())

    assert seen.draft is False
    (pull,) = await town.github.pulls(REPOSITORY)
    assert pull["title"] == "[WIP] Mend it"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"base": "nowhere"}, "422", id="no such base"),
        pytest.param({"head": "nowhere"}, "422", id="no such head"),
        pytest.param({"repository": "octo/missing"}, "not there", id="no such repository"),
    ],
)
async def test_refusals_are_told(
    quiet_town: Town, session: aiohttp.ClientSession, changes: dict[str, str], told: str
) -> None:
    await landed(quiet_town)

    with pytest.raises(CodeHostError, match=told) as caught:
        await host(quiet_town, session, "push").ensure_pull_request(wanted(**changes))

    assert not caught.value.temporary


async def test_a_fork_is_named_by_its_owner(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    town = quiet_town
    await town.github.fork(REPOSITORY, "stranger")
    await town.github.push("stranger/hello", "topic", "stranger", {"app.py": "print(3)\n"})
    theirs = await town.github.open_pull_request(REPOSITORY, "stranger", "Theirs", "stranger:topic")

    seen = await host(town, session, "push").ensure_pull_request(wanted(head="stranger:topic"))

    assert seen.number == theirs["number"]


async def test_a_read_token_opens_nothing_and_the_message_names_the_permission(
    quiet_town: Town, session: aiohttp.ClientSession
) -> None:
    await landed(quiet_town)

    with pytest.raises(CodeHostError, match="pull_requests: write"):
        await host(quiet_town, session).ensure_pull_request(wanted())


async def test_an_outage_is_temporary(quiet_town: Town, session: aiohttp.ClientSession) -> None:
    town = quiet_town
    await landed(town)
    town.github.faults.add(Fault(kind="status", method="POST", path="/pulls$", status=503))

    with pytest.raises(CodeHostError) as caught:
        await host(town, session, "push").ensure_pull_request(wanted())

    assert caught.value.temporary
