from __future__ import annotations

from typing import Any

import pytest

from tests.app.demo.conftest import REPOSITORY, World

R = f"/repos/{REPOSITORY}"


async def ask(world: World, query: str, *, token: str | None = None, **variables: Any) -> Any:
    body = {"query": query, "variables": variables}
    answer = await world.api("POST", "/graphql", body, token=token or await world.api.token())
    assert answer.status == 200
    return answer.body


READY = """
mutation Ready($id: ID!) {
  markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft number } }
}
"""


async def test_a_draft_is_made_ready_and_back(world: World) -> None:
    pull = await world.pull(user="app", draft=True)

    ready = await ask(world, READY, id=pull["node_id"])
    back = await ask(
        world,
        "mutation($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id}) "
        "{ pullRequest { isDraft } } }",
        id=pull["node_id"],
    )

    await world.github.settled()
    made = ready["data"]["markPullRequestReadyForReview"]["pullRequest"]
    assert made == {"isDraft": False, "number": 1}
    assert back["data"]["convertPullRequestToDraft"]["pullRequest"] == {"isDraft": True}
    assert "pull_request.ready_for_review" in world.events()
    assert "pull_request.converted_to_draft" in world.events()


async def test_draft_state_needs_contents_too(world: World) -> None:
    pull = await world.pull(user="app", draft=True)
    token = await world.api.token(permissions={"pull_requests": "write"})

    answer = await ask(world, READY, token=token, id=pull["node_id"])

    assert answer["data"] == {"markPullRequestReadyForReview": None}
    (error,) = answer["errors"]
    assert error["type"] == "FORBIDDEN"
    assert error["message"] == "Resource not accessible by integration"
    assert (await world.github.pull(REPOSITORY, 1))["draft"]


async def test_comments_and_reviews_are_hidden(world: World) -> None:
    await world.pull()
    comment = await world.github.comment(REPOSITORY, 1, "ann", "c")
    review = await world.github.submit_review(REPOSITORY, 1, "acme", "COMMENT", body="r")
    query = """mutation($id: ID!, $why: ReportedContentClassifiers!) {
      minimizeComment(input: {subjectId: $id, classifier: $why}) {
        minimizedComment { isMinimized minimizedReason ... on IssueComment { databaseId } }
      }
    }"""

    first = await ask(world, query, id=comment["node_id"], why="OUTDATED")
    await ask(world, query, id=review["node_id"], why="OUTDATED")
    wrong = await ask(world, query, id=review["node_id"], why="BORING")

    assert first["data"]["minimizeComment"]["minimizedComment"] == {
        "isMinimized": True,
        "minimizedReason": "outdated",
        "databaseId": comment["id"],
    }
    assert (await world.github.comments(REPOSITORY, 1))[0]["minimized"] == "outdated"
    assert (await world.github.reviews(REPOSITORY, 1))[0]["minimized"] == "outdated"
    assert "invalid value" in wrong["errors"][0]["message"]


async def test_required_checks_are_told(world: World) -> None:
    pull = await world.pull()
    sha = pull["head"]["sha"]
    await world.github.protect(REPOSITORY, "main", ["test", "ci/lint"])
    await world.github.report_check(REPOSITORY, sha, "test", "failure")
    await world.github.report_check(REPOSITORY, sha, "docs", "success")
    await world.github.report_status(
        REPOSITORY, sha, context="ci/lint", state="success", user="ann"
    )
    query = """query($owner: String!, $name: String!, $number: Int!) {
      repository(owner: $owner, name: $name) { pullRequest(number: $number) {
        commits(last: 1) { nodes { commit { statusCheckRollup { state contexts(first: 50) { nodes {
          __typename
          ... on CheckRun { name isRequired(pullRequestNumber: $number) }
          ... on StatusContext { context isRequired(pullRequestNumber: $number) }
        } } } } } }
      } }
    }"""

    answer = await ask(world, query, owner="acme", name="widget", number=1)

    (commit,) = answer["data"]["repository"]["pullRequest"]["commits"]["nodes"]
    rollup = commit["commit"]["statusCheckRollup"]
    assert rollup["state"] == "FAILURE"
    assert {
        n.get("name") or n["context"]: n["isRequired"] for n in rollup["contexts"]["nodes"]
    } == {
        "test": True,
        "docs": False,
        "ci/lint": True,
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param(
            "{ viewr { login } }", "Field 'viewr' doesn't exist on type 'Query'", id="field"
        ),
        pytest.param("{ repository(", "Unexpected end of document", id="cut"),
        pytest.param("subscription { x }", "Expected one of QUERY, MUTATION", id="subscription"),
        pytest.param("", "Unexpected end of document", id="empty"),
        pytest.param(
            'query($n: Int!) { repository(owner: "acme", name: "widget") { id } }',
            "Variable $n was provided invalid value",
            id="missing-variable",
        ),
        pytest.param(
            '{ repository(owner: "acme", name: "widget") }', "must have selections", id="selections"
        ),
        pytest.param(
            '{ repository(owner: "acme", name: "other") { id } }',
            "Could not resolve to a Repository with the name 'acme/other'.",
            id="unknown-repository",
        ),
        pytest.param(
            '{ node(id: "PR_nothing") { id } }', "Could not resolve to a node", id="unknown-node"
        ),
    ],
)
async def test_mistakes_are_told_in_errors(world: World, query: str, message: str) -> None:
    answer = await ask(world, query)

    assert message in answer["errors"][0]["message"]


async def test_connections_want_bounds(world: World) -> None:
    await world.pull()

    answer = await ask(
        world,
        '{ repository(owner: "acme", name: "widget") { pullRequest(number: 1) '
        "{ comments { totalCount } } } }",
    )

    assert answer["errors"][0]["type"] == "MISSING_PAGINATION_BOUNDARIES"


async def test_nobody_asks_without_a_token(world: World) -> None:
    answer = await world.api("POST", "/graphql", {"query": "{ x }"})

    assert answer.status == 401
