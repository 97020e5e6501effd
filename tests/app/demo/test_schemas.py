"""Every endpoint and every webhook once, held against GitHub's published schemas."""

from __future__ import annotations

from typing import Any

from app.demo.github.access import ACCESS
from app.demo.github.rest import ROUTES
from tests.app.demo.conftest import REPOSITORY, World
from tests.app.demo.schema_support import MODELS

R = f"/repos/{REPOSITORY}"


def test_every_route_has_a_permission_and_a_model() -> None:
    import re

    routes = {(m, re.sub(r":[^{}]*(?=\})", "", p)) for m, p, _ in ROUTES}
    routes |= {("GET", "/rate_limit"), ("POST", "/graphql")}

    assert routes == set(ACCESS) == set(MODELS)


async def test_every_endpoint_answers_in_githubs_shape(world: World) -> None:
    github, api = world.github, world.api
    token, jwt = await api.token(), api.jwt()
    seen = world.schemas.exchanges

    async def get(path: str, *, expect: int = 200) -> Any:
        answer = await api("GET", path, token=token)
        assert answer.status == expect, (path, answer.body)
        return answer.body

    async def send(method: str, path: str, body: object = None, expect: int = 200) -> Any:
        answer = await api(method, path, body, token=token)
        assert answer.status == expect, (method, path, answer.body)
        return answer.body

    # App
    for path in ("/app", "/app/installations", f"{R}/installation", "/users/acme/installation"):
        assert (await api("GET", path, token=jwt)).status == 200, path
    await github.create_user("orga", kind="Organization")
    await github.create_repository("orga/tool", {"a": "b"})
    assert (await api("GET", "/orgs/orga/installation", token=jwt)).status == 200
    installation = (await api("GET", f"{R}/installation", token=jwt)).body["id"]
    assert (await api("GET", f"/app/installations/{installation}", token=jwt)).status == 200
    assert (await api("GET", "/app/hook/config", token=jwt)).status == 200
    config = await api("PATCH", "/app/hook/config", {"content_type": "json"}, token=jwt)
    assert config.status == 200
    await github.settled()
    deliveries = (await api("GET", "/app/hook/deliveries", token=jwt)).body
    one = f"/app/hook/deliveries/{deliveries[0]['id']}"
    assert (await api("GET", one, token=jwt)).status == 200
    assert (await api("POST", f"{one}/attempts", token=jwt)).status == 202
    for path in ("/", "/meta", "/rate_limit", "/users/ann", "/apps/foreman"):
        await get(path)
    await get("/installation/repositories")

    # repository
    for path in ("", "/collaborators", "/collaborators/ann/permission", "/contents", "/branches"):
        await get(R + path)
    await get(f"{R}/collaborators/ann", expect=204)
    for path in ("contents/widget.py", "contents/.github", "branches/main", "commits"):
        await get(f"{R}/{path}")
    pull = await world.pull()
    head = pull["head"]["sha"]
    for path in ("commits/fix", "compare/main...fix", f"git/commits/{head}", "git/ref/heads/fix"):
        await get(f"{R}/{path}")
    await get(f"{R}/git/matching-refs/heads/")
    await send("POST", f"{R}/git/refs", {"ref": "refs/heads/new", "sha": head}, 201)
    main = (await github.branches(REPOSITORY))["main"]
    await send("PATCH", f"{R}/git/refs/heads/new", {"sha": main, "force": True})
    await send("DELETE", f"{R}/git/refs/heads/new", expect=204)

    # issues
    issue = await send("POST", f"{R}/issues", {"title": "Bug", "body": "x", "labels": ["bug"]}, 201)
    at = f"{R}/issues/{issue['number']}"
    await send("PATCH", at, {"state": "closed", "title": "Bug!"})
    await send("PATCH", at, {"state": "open", "labels": ["bug", "foreman"]})
    comment = await send("POST", f"{at}/comments", {"body": "hello"}, 201)
    c = f"{R}/issues/comments/{comment['id']}"
    await send("PATCH", c, {"body": "hello again"})
    await send("POST", f"{at}/labels", {"labels": ["question"]})
    await send("DELETE", f"{at}/labels/question")
    for target in (at, c):
        reaction = await send("POST", f"{target}/reactions", {"content": "eyes"}, 201)
        await send("POST", f"{target}/reactions", {"content": "eyes"})
        await get(f"{target}/reactions")
        await send("DELETE", f"{target}/reactions/{reaction['id']}", expect=204)
    for path in ("", "/comments", "/labels", "/events", "/timeline"):
        await get(at + path)
    await get(c)
    await get(f"{R}/issues/comments")
    await get(f"{R}/issues?state=all")
    await send("DELETE", c, expect=204)
    await send("POST", f"{R}/labels", {"name": "brand new"}, 201)
    await get(f"{R}/labels")
    await get(f"{R}/labels/bug")

    # pull requests
    p = f"{R}/pulls/{pull['number']}"
    for path in ("", "/files", "/commits", "/reviews", "/comments"):
        await get(p + path)
    await get(f"{R}/pulls")
    await get(f"{R}/commits/{head}/pulls")
    await send("PATCH", p, {"title": "Better", "body": "text"})
    comments = [{"path": "widget.py", "line": 10, "side": "RIGHT", "body": "n"}]
    review = {"event": "REQUEST_CHANGES", "body": "no", "comments": comments}
    made = await send("POST", f"{p}/reviews", review)
    v = f"{p}/reviews/{made['id']}"
    await get(v)
    await get(f"{v}/comments")
    await get(f"{p}/comments")
    await send("PUT", v, {"body": "changed"})
    await send("PUT", f"{v}/dismissals", {"message": "superseded"})
    pending = await send("POST", f"{p}/reviews", {"body": "later"})
    await send("POST", f"{p}/reviews/{pending['id']}/events", {"event": "COMMENT"})
    pending = await send("POST", f"{p}/reviews", {"body": "never"})
    await send("DELETE", f"{p}/reviews/{pending['id']}")
    single = {"commit_id": head, "path": "widget.py", "line": 10, "body": "one"}
    note = await send("POST", f"{p}/comments", single, 201)
    n = f"{R}/pulls/comments/{note['id']}"
    await get(n)
    await send("PATCH", n, {"body": "two"})
    await send("POST", f"{n}/reactions", {"content": "rocket"}, 201)
    await get(f"{n}/reactions")

    await github.push(REPOSITORY, "second", "ann", {"second.py": "2\n"})
    await send("POST", f"{R}/pulls", {"title": "Two", "head": "second", "base": "main"}, 201)

    # checks
    annotation = {
        "path": "widget.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "warning",
        "message": "m",
    }
    check = {
        "name": "foreman / review",
        "head_sha": head,
        "status": "in_progress",
        "external_id": "uid",
        "output": {"title": "t", "summary": "s", "annotations": [annotation]},
    }
    run = await send("POST", f"{R}/check-runs", check, 201)
    k = f"{R}/check-runs/{run['id']}"
    await get(k)
    await send("PATCH", k, {"conclusion": "success", "actions": []})
    await get(f"{k}/annotations")
    await send("POST", f"{k}/rerequest", expect=201)
    s = f"{R}/check-suites/{run['check_suite']['id']}"
    await get(s)
    await get(f"{s}/check-runs")
    await send("POST", f"{s}/rerequest", expect=201)
    job = await github.report_check(REPOSITORY, head, "test", "failure", text="E   assert")
    assert await get(f"{R}/actions/jobs/{job['id']}/logs") == b"E   assert"
    for path in ("check-runs", "check-suites", "status", "statuses"):
        await get(f"{R}/commits/{head}/{path}")
    await send("POST", f"{R}/statuses/{head}", {"state": "success", "context": "ci"}, 201)
    await get(f"{R}/commits/{head}/status")
    await get(f"{R}/commits/{head}/statuses")
    await get(f"{p}/merge", expect=404)
    await send("PUT", f"{p}/merge", {})
    await get(f"{p}/merge", expect=204)
    await send(
        "POST", "/graphql", {"query": '{ repository(owner: "acme", name: "widget") { id } }'}
    )
    await send("DELETE", "/installation/token", expect=204)

    assert seen == set(MODELS)


async def test_every_webhook_has_githubs_shape(world: World) -> None:
    github = world.github
    await github.set_permission(REPOSITORY, "root", "admin")
    await github.open_issue(REPOSITORY, "ann", "Bug", "text", labels=["bug"])
    await github.edit_issue(REPOSITORY, 1, "ann", title="Worse bug")
    await github.unlabel(REPOSITORY, 1, "ann", "bug")
    comment = await github.comment(REPOSITORY, 1, "ann", "/foreman fix")
    await github.edit_comment(REPOSITORY, comment["id"], "ann", "/foreman fix it")
    await github.delete_comment(REPOSITORY, comment["id"], "ann")
    await github.close(REPOSITORY, 1, "ann")
    await github.reopen(REPOSITORY, 1, "ann")
    pull = await world.pull(draft=True)
    number = pull["number"]
    await github.set_draft(REPOSITORY, number, "ann", draft=False)
    await github.set_draft(REPOSITORY, number, "ann", draft=True)
    await github.set_draft(REPOSITORY, number, "ann", draft=False)
    await github.label(REPOSITORY, number, "ann", "foreman")
    await github.unlabel(REPOSITORY, number, "ann", "foreman")
    await github.edit_issue(REPOSITORY, number, "ann", body="new body")
    await github.comment(REPOSITORY, number, "ann", "on a pull request")
    await github.push(REPOSITORY, "fix", "ann", {"more.py": "1\n"})
    await github.close(REPOSITORY, number, "ann")
    await github.reopen(REPOSITORY, number, "ann")
    comments = [{"path": "more.py", "line": 1, "body": "n"}]
    review = await github.submit_review(
        REPOSITORY, number, "root", "REQUEST_CHANGES", body="no", comments=comments
    )
    token = await world.api.token()
    at = f"{R}/pulls/{number}/reviews/{review['id']}/dismissals"
    await world.api("PUT", at, {"message": "done"}, token=token)
    own = await world.api(
        "POST", f"{R}/pulls/{number}/reviews", {"event": "COMMENT", "body": "x"}, token=token
    )
    path = f"{R}/pulls/{number}/reviews/{own.body['id']}"
    await world.api("PUT", path, {"body": "y"}, token=token)
    head = (await github.branches(REPOSITORY))["fix"]
    run = {
        "name": "foreman / code",
        "head_sha": head,
        "conclusion": "failure",
        "actions": [{"label": "Retry", "description": "d", "identifier": "retry"}],
    }
    made = (await world.api("POST", f"{R}/check-runs", run, token=token)).body
    await github.press_button(REPOSITORY, made["id"], "ann", "retry")
    await github.rerequest_check_run(REPOSITORY, made["id"], "ann")
    await github.rerequest_check_suite(REPOSITORY, made["check_suite"]["id"], "ann")
    await github.report_status(REPOSITORY, head, context="ci", state="failure", user="ann")
    await github.report_check(REPOSITORY, head, "test", "failure", title="t", summary="s")
    await github.request_merge_group(REPOSITORY, [number], "ann")
    await github.merge(REPOSITORY, number, "ann")
    await github.delete_branch(REPOSITORY, "fix", "ann")
    await github.create_repository("acme/other", {"a": "b"})
    await github.change_installation("acme", removed=["acme/other"])
    await github.suspend("acme")
    await github.suspend("acme", suspended=False)
    await github.uninstall("acme")
    await github.ping()

    assert world.schemas.payloads == {
        *("check_run.completed", "check_run.created", "check_run.requested_action"),
        *("check_run.rerequested", "check_suite.completed", "check_suite.requested"),
        *("check_suite.rerequested", "create", "delete", "installation.created"),
        *("installation.deleted", "installation.suspend", "installation.unsuspend"),
        *("installation_repositories.added", "installation_repositories.removed"),
        *("issue_comment.created", "issue_comment.deleted", "issue_comment.edited"),
        *("issues.closed", "issues.edited", "issues.labeled", "issues.opened", "issues.reopened"),
        *("issues.unlabeled", "merge_group.checks_requested", "ping", "pull_request.closed"),
        *("pull_request.converted_to_draft", "pull_request.edited", "pull_request.labeled"),
        *("pull_request.opened", "pull_request.ready_for_review", "pull_request.reopened"),
        *("pull_request.synchronize", "pull_request.unlabeled", "pull_request_review.dismissed"),
        *("pull_request_review.edited", "pull_request_review.submitted"),
        *("pull_request_review_comment.created", "push", "status"),
    }
