"""Endpoints for the App itself: its installations, tokens, hook and deliveries."""

from __future__ import annotations

from app.demo.github import deliveries
from app.demo.github.auth import installation_by_id, mint
from app.demo.github.call import Call, Reply, Routes, next_link, page_numbers, paged
from app.demo.github.change_accounts import covered
from app.demo.github.deliveries import Delivery
from app.demo.github.entities import Account, Installation
from app.demo.github.problems import Problem, bad_request, not_found
from app.demo.github.view_accounts import app as app_view
from app.demo.github.view_accounts import installation as installation_view
from app.demo.github.view_accounts import own_app, public_user
from app.demo.github.view_accounts import token as token_view
from app.demo.github.view_repositories import repository as repository_view


async def get_app(call: Call) -> Reply:
    return Reply(body=own_app(call.world, call.app))


async def get_app_by_slug(call: Call) -> Reply:
    for app in call.world.apps:
        if app.slug == call.parameters["app_slug"]:
            return Reply(body=app_view(call.world, app))
    raise not_found()


async def list_installations(call: Call) -> Reply:
    own = [i for i in call.world.installations if i.app is call.app]
    return paged(call, own, lambda i: installation_view(call.world, i))


async def get_installation(call: Call) -> Reply:
    found = installation_by_id(call.world, call.app, call.parameters["installation_id"])
    return Reply(body=installation_view(call.world, found))


async def create_token(call: Call) -> Reply:
    found = installation_by_id(call.world, call.app, call.parameters["installation_id"])
    if call.given("repository_ids") and call.given("repositories"):
        raise bad_request('Only one of "repository_ids" and "repositories" can be supplied.')
    call.items("repository_ids", most=500)
    call.items("repositories", most=500)
    return Reply(201, token_view(call.world, mint(call.world, found, call.body)))


async def repository_installation(call: Call) -> Reply:
    found = call.world.installation_of(call.app, call.repository)
    if found is None:
        raise not_found()
    return Reply(body=installation_view(call.world, found))


async def account_installation(call: Call) -> Reply:
    login = call.parameters.get("org") or call.parameters["username"]
    return Reply(body=installation_view(call.world, _of_account(call, call.world.account(login))))


def _of_account(call: Call, account: Account) -> Installation:
    for installation in call.world.installations:
        if installation.app is call.app and installation.account is account:
            return installation
    raise not_found()


async def installation_repositories(call: Call) -> Reply:
    if call.identity.token is None:
        raise Problem(
            403,
            "You must authenticate with an installation access token in order to list "
            "repositories for an installation.",
        )
    token = call.identity.token
    found = [r for r in covered(call.world, token.installation) if token.covers(r)]
    selection = "all" if token.repositories is None else "selected"
    return paged(
        call,
        found,
        lambda r: repository_view(call.world, r),
        lambda shown: {
            "total_count": len(found),
            "repository_selection": selection,
            "repositories": shown,
        },
    )


async def revoke_token(call: Call) -> Reply:
    if call.identity.token is None:
        raise not_found()
    del call.world.tokens[call.identity.token.value]
    return Reply(204)


def _hook_config(call: Call) -> Reply:
    hook = call.app.hook
    body = {"content_type": hook.content_type, "insecure_ssl": hook.insecure_ssl}
    if hook.url:
        body["url"] = hook.url
    if hook.secret:
        body["secret"] = "********"  # noqa: S105 - what GitHub shows in its place
    return Reply(body=body)


async def get_hook_config(call: Call) -> Reply:
    return _hook_config(call)


async def update_hook_config(call: Call) -> Reply:
    hook = call.app.hook
    hook.url = call.text("url", hook.url)
    hook.secret = call.text("secret", hook.secret)
    hook.content_type = call.text("content_type", hook.content_type)
    insecure = call.body.get("insecure_ssl")
    hook.insecure_ssl = hook.insecure_ssl if insecure is None else str(insecure)
    return _hook_config(call)


async def list_deliveries(call: Call) -> Reply:
    """Newest first; the cursor is the id of the last one shown, so that new ones shift nothing."""
    found = call.forge.deliveries.of(call.app)
    if cursor := call.query.get("cursor"):
        version, _, last = cursor.partition("_")
        if version != "v1" or not last.isdigit():
            raise Problem(422, "Invalid cursor")
        found = [d for d in found if d.id < int(last)]
    if call.query.get("status") in ("success", "failure"):
        good = call.query["status"] == "success"
        found = [d for d in found if (200 <= d.status_code < 400) is good]
    size = page_numbers(call.query)[1]
    shown = found[:size]
    headers = next_link(call, cursor=f"v1_{shown[-1].id}") if len(found) > size else {}
    return Reply(body=[deliveries.summary(d) for d in shown], headers=headers)


def _delivery(call: Call) -> Delivery:
    number = call.number("delivery_id")
    for delivery in call.forge.deliveries.of(call.app):
        if delivery.id == number:
            return delivery
    raise not_found()


async def get_delivery(call: Call) -> Reply:
    return Reply(body=deliveries.full(_delivery(call)))


async def redeliver(call: Call) -> Reply:
    call.forge.deliveries.redeliver(_delivery(call))
    return Reply(202, {})


async def get_user(call: Call) -> Reply:
    return Reply(body=public_user(call.world, call.world.account(call.parameters["username"])))


ROUTES: Routes = (
    ("GET", "/app", get_app),
    ("GET", "/apps/{app_slug}", get_app_by_slug),
    ("GET", "/app/installations", list_installations),
    ("GET", "/app/installations/{installation_id}", get_installation),
    ("POST", "/app/installations/{installation_id}/access_tokens", create_token),
    ("GET", "/repos/{owner}/{repo}/installation", repository_installation),
    ("GET", "/orgs/{org}/installation", account_installation),
    ("GET", "/users/{username}/installation", account_installation),
    ("GET", "/installation/repositories", installation_repositories),
    ("DELETE", "/installation/token", revoke_token),
    ("GET", "/app/hook/config", get_hook_config),
    ("PATCH", "/app/hook/config", update_hook_config),
    ("GET", "/app/hook/deliveries", list_deliveries),
    ("GET", "/app/hook/deliveries/{delivery_id}", get_delivery),
    ("POST", "/app/hook/deliveries/{delivery_id}/attempts", redeliver),
    ("GET", "/users/{username}", get_user),
)
