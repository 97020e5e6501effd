from __future__ import annotations

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.demo.github.faults import Fault
from app.github.app import RENEW_BEFORE, App, Scope
from app.github.errors import Forbidden, IdentityError, NotFound
from app.github.identity import Identity, private_key
from tests.app.town import REPOSITORY, Town, briefly


def scope(town: Town) -> Scope:
    repository = town.github.world.repository(REPOSITORY)
    (installation,) = town.github.world.installations
    return Scope(REPOSITORY, installation.id, repository.id)


async def test_the_profile_tells_who_the_author_of_our_comments_is(quiet_town: Town) -> None:
    profile = await quiet_town.app.profile()

    assert (profile.slug, profile.login) == ("foreman", "foreman[bot]")
    assert profile.id == quiet_town.github.app_id


async def test_a_key_of_another_app_is_one_sentence(quiet_town: Town) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    identity = Identity(str(quiet_town.github.app_id), key, quiet_town.clock)
    async with aiohttp.ClientSession() as session:
        app = App(identity, session, api_url=quiet_town.github.url, clock=quiet_town.clock)
        with pytest.raises(IdentityError, match="generate a key of this very App"):
            await app.profile()


@pytest.mark.parametrize("minutes", [-20, 20])
async def test_a_wrong_clock_of_ours_is_found_out_and_allowed_for(
    quiet_town: Town, minutes: int
) -> None:
    quiet_town.clock.ahead = timedelta(minutes=minutes)

    assert (await quiet_town.app.profile()).slug == "foreman"


async def test_the_client_id_identifies_as_well(quiet_town: Town) -> None:
    town = quiet_town
    identity = Identity(town.github.app.client_id, private_key(town.github.private_key), town.clock)
    async with aiohttp.ClientSession() as session:
        app = App(identity, session, api_url=town.github.url, clock=town.clock, sleep=briefly)
        assert (await app.profile()).slug == "foreman"


async def test_twenty_who_need_a_token_share_one(quiet_town: Town) -> None:
    app, where = quiet_town.app, scope(quiet_town)

    tokens = await asyncio.gather(*(app.token(where, "report") for _ in range(20)))

    assert len({token.text for token in tokens}) == 1
    assert len(quiet_town.github.world.tokens) == 1


async def test_a_token_is_never_given_out_with_less_than_its_margin(quiet_town: Town) -> None:
    town = quiet_town
    first = await town.app.token(scope(town), "read")
    town.clock.ahead = timedelta(minutes=44)
    assert await town.app.token(scope(town), "read") == first

    town.clock.ahead = timedelta(minutes=46)
    second = await town.app.token(scope(town), "read")

    assert second.text != first.text
    assert first.text not in repr(first)
    assert first.expires_at - town.clock() < RENEW_BEFORE


async def test_a_revoked_token_is_replaced_in_the_call(quiet_town: Town) -> None:
    town = quiet_town
    github = town.app.repository(scope(town), "read")
    await github.get(f"/repos/{REPOSITORY}")
    town.github.world.tokens.clear()

    assert (await github.get(f"/repos/{REPOSITORY}/issues")) == []


async def test_a_repository_is_chosen_by_name_where_its_id_is_not_known(quiet_town: Town) -> None:
    town = quiet_town
    by_name = Scope(REPOSITORY, scope(town).installation)
    await town.github.create_repository("octo/other", {"a": "b"})
    github = town.app.repository(by_name, "read")

    assert await github.get(f"/repos/{REPOSITORY}/issues") == []
    with pytest.raises((NotFound, Forbidden)):
        await github.get("/repos/octo/other/issues")


async def test_where_the_app_is_installed_is_asked_once(quiet_town: Town) -> None:
    town = quiet_town
    where = scope(town).installation
    await town.github.create_repository("else/where", {"a": "b"}, install=False)

    assert await town.app.installation(REPOSITORY) == where
    assert await town.app.installation("else/where") is None
    town.github.faults.add(Fault(kind="status", path="/installation$", times=99))
    assert await town.app.installation(REPOSITORY) == where


async def test_a_repository_taken_from_the_installation_gets_no_token(quiet_town: Town) -> None:
    town = quiet_town
    where = scope(town)
    await town.github.create_repository("octo/other", {"a": "b"})
    await town.github.uninstall("octo")
    await town.github.install("octo", repositories=["octo/other"])
    where = Scope(REPOSITORY, town.github.world.installations[-1].id, where.repository_id)

    with pytest.raises(Forbidden, match="give it this repository"):
        await town.app.token(where, "read")


async def test_minting_survives_an_outage(quiet_town: Town) -> None:
    town = quiet_town
    town.github.faults.add(Fault(kind="status", path="/access_tokens$", times=2))

    assert (await town.app.token(scope(town), "read")).phase == "read"
