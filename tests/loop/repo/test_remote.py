from __future__ import annotations

import pytest

from loop.repo.errors import RemoteError
from loop.repo.remote import Remote, pull_request_head, push_remote

UPSTREAM = Remote("https://github.com/acme/shop.git", "t")
FORK = Remote("https://github.com/ann/Shop.git", "t")


def test_the_user_is_in_the_url_and_the_token_is_not() -> None:
    assert UPSTREAM.git_url == "https://x-access-token@github.com/acme/shop.git"
    assert Remote(UPSTREAM.url).git_url == UPSTREAM.url
    assert "'t'" not in repr(UPSTREAM)


def test_owner_and_name() -> None:
    assert (UPSTREAM.owner, UPSTREAM.name, UPSTREAM.repository) == ("acme", "shop", "acme/shop")
    assert Remote("https://ghe.example/x/acme/shop").repository == "acme/shop"


def test_a_fork_of_the_same_name_is_pushed_to() -> None:
    assert push_remote(UPSTREAM, None) is UPSTREAM
    assert push_remote(UPSTREAM, FORK) is FORK
    assert pull_request_head(UPSTREAM, FORK, "foreman/x") == "ann:foreman/x"
    assert pull_request_head(UPSTREAM, None, "foreman/x") == "foreman/x"


def test_a_repository_of_another_name_is_not() -> None:
    with pytest.raises(RemoteError, match="the names differ"):
        push_remote(UPSTREAM, Remote("https://github.com/acme/bakery.git"))
