from __future__ import annotations

from typing import Any

import jwt as pyjwt
import pytest

from app.demo.github.world import generate_key
from tests.app.demo.conftest import REPOSITORY, World

R = f"/repos/{REPOSITORY}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"exp": 0}, "'Expiration time' claim ('exp') must be", id="expired"),
        pytest.param({"exp": "soon"}, "'Expiration time' claim ('exp') must be", id="exp-text"),
        pytest.param({"iat": +60}, "'Issued at' claim ('iat') must be", id="iat-ahead"),
        pytest.param({"exp": 601}, "too far in the future", id="eleven-minutes"),
    ],
)
async def test_a_jwt_with_wrong_times_is_refused(
    world: World, changes: dict[str, Any], message: str
) -> None:
    now = int(world.clock().timestamp())
    moved = {k: v if isinstance(v, str) else now + v for k, v in changes.items()}

    answer = await world.api("GET", "/app", token=world.api.jwt(**moved))

    assert answer.status == 401
    assert message in answer.message


async def test_a_jwt_is_good_for_exactly_ten_minutes(world: World) -> None:
    now = int(world.clock().timestamp())

    answer = await world.api("GET", "/app", token=world.api.jwt(exp=now + 600))

    assert answer.status == 200


@pytest.mark.parametrize("issuer", ["number", "client"])
async def test_app_id_and_client_id_both_name_the_app(world: World, issuer: str) -> None:
    app = world.github.app
    named = world.api.jwt(iss=str(app.id) if issuer == "number" else app.client_id)

    answer = await world.api("GET", "/app", token=named)

    assert (answer.status, answer.body["slug"]) == (200, "foreman")


async def test_a_jwt_of_another_key_or_another_app_is_refused(world: World) -> None:
    claims = pyjwt.decode(world.api.jwt(), options={"verify_signature": False})
    forged = pyjwt.encode(claims, generate_key(), algorithm="RS256")
    symmetric = pyjwt.encode(claims, "x" * 32, algorithm="HS256")

    assert (await world.api("GET", "/app", token=forged)).status == 401
    assert (await world.api("GET", "/app", token=symmetric)).status == 401
    assert (await world.api("GET", "/app", token=world.api.jwt(iss="12"))).status == 404
    assert (await world.api("GET", "/app")).status == 401
    assert (await world.api("GET", "/app", token=await world.api.token())).status == 401


async def test_a_jwt_opens_no_repository(world: World) -> None:
    answer = await world.api("GET", f"{R}/issues", token=world.api.jwt())

    assert answer.status == 404


async def test_a_token_ends_after_an_hour(world: World) -> None:
    token = await world.api.token()

    world.clock.forward(minutes=59, seconds=59)
    before = await world.api("GET", R, token=token)
    world.clock.forward(seconds=1)
    after = await world.api("GET", R, token=token)

    assert before.status == 200
    assert before.headers["GitHub-Authentication-Token-Expiration"] == "2026-11-21 10:00:00 UTC"
    assert (after.status, after.message) == (401, "Bad credentials")


async def test_a_token_ends_at_its_repository(world: World) -> None:
    await world.github.create_repository("acme/secret", {"a": "b"})
    token = await world.api.token()

    answers = [
        await world.api("GET", "/repos/acme/secret", token=token),
        await world.api("POST", "/repos/acme/secret/issues", {"title": "x"}, token=token),
        await world.api("GET", "/repos/acme/nothing", token=token),
    ]

    assert [a.status for a in answers] == [404, 404, 404]
    assert [a.message for a in answers] == ["Not Found"] * 3


async def test_a_token_has_the_permissions_that_were_asked_for_and_metadata(world: World) -> None:
    token = await world.api.token(permissions={"issues": "read"})

    read = await world.api("GET", f"{R}/issues", token=token)
    write = await world.api("POST", f"{R}/issues", {"title": "x"}, token=token)
    other = await world.api("GET", f"{R}/pulls", token=token)
    meta = await world.api("GET", R, token=token)

    assert (read.status, write.status, other.status, meta.status) == (200, 403, 403, 200)
    assert write.message == "Resource not accessible by integration"
    assert write.headers["X-Accepted-GitHub-Permissions"] == "issues=write"
    assert write.body["documentation_url"].endswith("/issues/issues#create-an-issue")
    assert meta.body["permissions"] == {
        "admin": False,
        "maintain": False,
        "push": False,
        "triage": False,
        "pull": False,
    }


async def test_what_is_not_granted_or_not_covered_cannot_be_asked_for(world: World) -> None:
    await world.github.create_repository("other/thing", {"a": "b"})
    other = world.github.world.repository("other/thing").id
    number = (await world.api("GET", f"{R}/installation", token=world.api.jwt())).body["id"]
    path = f"/app/installations/{number}/access_tokens"

    async def ask(body: Any) -> tuple[int, str]:
        answer = await world.api("POST", path, body, token=world.api.jwt())
        return answer.status, answer.message

    more = await ask({"permissions": {"contents": "admin"}})
    unknown = await ask({"permissions": {"workflows": "write"}})
    foreign = await ask({"repository_ids": [other]})
    missing = await ask({"repositories": ["nothing"]})
    wrong = await ask({"repository_ids": "all"})

    assert (
        more == unknown == (422, "The permissions requested are not granted to this installation.")
    )
    assert foreign[0] == missing[0] == wrong[0] == 422


async def test_a_comment_on_an_issue_needs_issues_one_on_a_pull_request_either(
    world: World,
) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.pull()
    pulls = await world.api.token(permissions={"pull_requests": "write"})
    issues = await world.api.token(permissions={"issues": "write"})

    async def comment(number: int, token: str) -> int:
        path = f"{R}/issues/{number}/comments"
        return (await world.api("POST", path, {"body": "x"}, token=token)).status

    assert [await comment(1, pulls), await comment(2, pulls)] == [403, 201]
    assert [await comment(1, issues), await comment(2, issues)] == [201, 201]


async def test_a_private_repository_is_hidden_a_public_one_read_without_a_token(
    world: World,
) -> None:
    await world.github.create_repository("acme/open", {"a": "b"}, private=False)

    private = await world.api("GET", R)
    public = await world.api("GET", "/repos/acme/open")
    write = await world.api("POST", "/repos/acme/open/issues", {"title": "x"})

    assert (private.status, public.status, write.status) == (404, 200, 401)
    assert write.message == "Requires authentication"


async def test_uninstalling_and_suspending_end_tokens(world: World) -> None:
    token = await world.api.token()

    await world.github.suspend("acme")
    suspended = await world.api("GET", R, token=token)
    await world.github.suspend("acme", suspended=False)
    back = await world.api("GET", R, token=token)
    await world.github.uninstall("acme")
    gone = await world.api("GET", R, token=token)

    assert (suspended.status, back.status, gone.status) == (403, 200, 401)


async def test_a_request_without_user_agent_or_of_an_unknown_version_is_refused(
    world: World,
) -> None:
    no_agent = await world.api("GET", "/", User_Agent="")
    version = await world.api("GET", "/", X_GitHub_Api_Version="2020-01-01")

    assert (no_agent.status, version.status) == (403, 400)


async def test_what_github_does_not_have_is_not_found_in_its_shape(world: World) -> None:
    for method, path in (
        ("GET", "/nothing"),
        ("PUT", R),
        ("GET", f"{R}/nothing"),
        ("GET", "/a/b/c"),
    ):
        answer = await world.api(method, path)
        assert answer.status == 404
        assert answer.body == {
            "message": "Not Found",
            "documentation_url": "https://docs.github.com/rest",
            "status": "404",
        }


@pytest.mark.parametrize(
    ("role", "permission", "name"),
    [
        pytest.param("admin", "admin", "admin", id="admin"),
        pytest.param("maintain", "write", "maintain", id="maintain-is-write"),
        pytest.param("write", "write", "write", id="write"),
        pytest.param("triage", "read", "triage", id="triage-is-read"),
        pytest.param("read", "read", "read", id="read"),
        pytest.param("none", "none", "none", id="none"),
    ],
)
async def test_the_permission_endpoint_knows_four_words(
    world: World, role: Any, permission: str, name: str
) -> None:
    await world.github.set_permission(REPOSITORY, "bob", role)
    path = f"{R}/collaborators/bob/permission"

    answer = await world.api("GET", path, token=await world.api.token())

    assert (answer.body["permission"], answer.body["role_name"]) == (permission, name)


async def test_a_custom_role_shows_in_role_name_only(world: World) -> None:
    await world.github.set_permission(REPOSITORY, "bob", "write", role_name="release manager")
    path = f"{R}/collaborators/bob/permission"

    answer = await world.api("GET", path, token=await world.api.token())

    assert (answer.body["permission"], answer.body["role_name"]) == ("write", "release manager")
