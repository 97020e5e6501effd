"""What the filtering proxy lets through, decided without a connection."""

from __future__ import annotations

import pytest

from tools.sandbox.egress import Egress, Host, HostError, canonical, is_name, is_open, parse


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        pytest.param("pkg.example", Host("pkg.example"), id="name"),
        pytest.param("Pkg.Example.", Host("pkg.example"), id="case and trailing dot"),
        pytest.param("*.pkg.example", Host("pkg.example", below=True), id="all below"),
        pytest.param("pkg", Host("pkg"), id="one label"),
        pytest.param("xn--bcher-kva.example", Host("xn--bcher-kva.example"), id="international"),
        pytest.param("pkg.example:8443", Host("pkg.example", 8443, private=True), id="port"),
        pytest.param("*.pkg.example:8443", Host("pkg.example", 8443, below=True), id="below, port"),
    ],
)
def test_entries_of_the_operator(entry: str, host: Host) -> None:
    assert parse([entry], operator=True) == (host,)


def test_only_the_operator_names_private_hosts() -> None:
    assert parse(["pkg.example:8443"], operator=False) == (Host("pkg.example", 8443),)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        pytest.param("https://pkg.example", "without scheme", id="address of a page"),
        pytest.param("pkg.example/simple", "path", id="path"),
        pytest.param("me@pkg.example", "user", id="user"),
        pytest.param("bücher.example", "xn--", id="not ASCII"),
        pytest.param("pkg.example:https", "no port", id="named port"),
        pytest.param("pkg.example:0", "no port", id="port 0"),
        pytest.param("pkg.example:65536", "no port", id="port too high"),
        pytest.param("pkg.example:", "no port", id="empty port"),
        pytest.param("93.184.216.34", "addresses do not count", id="address"),
        pytest.param("[::1]", "no port", id="IPv6 address"),
        pytest.param("*", "no host name", id="everything"),
        pytest.param("*.com", "top-level", id="top-level domain"),
        pytest.param("pkg.*.example", "no host name", id="star inside"),
        pytest.param("pkg_1.example", "no host name", id="underscore"),
        pytest.param("pkg..example", "no host name", id="empty label"),
        pytest.param("", "no host name", id="empty"),
    ],
)
def test_an_entry_that_names_no_host_is_told(entry: str, told: str) -> None:
    with pytest.raises(HostError, match=told):
        parse([entry], operator=True)


EGRESS = Egress(parse(["pkg.example", "*.files.example", "corp.example:8443"], operator=True))


@pytest.mark.parametrize(
    ("name", "port", "through"),
    [
        pytest.param("pkg.example", 443, True, id="exact"),
        pytest.param("pkg.example", 80, False, id="other port"),
        pytest.param("pkg.example", 8443, False, id="another entry's port"),
        pytest.param("a.pkg.example", 443, False, id="below an exact one"),
        pytest.param("evilpkg.example", 443, False, id="same end"),
        pytest.param("pkg.example.evil.example", 443, False, id="same start"),
        pytest.param("a.files.example", 443, True, id="below"),
        pytest.param("a.b.files.example", 443, True, id="further below"),
        pytest.param("files.example", 443, False, id="the top itself"),
        pytest.param("evilfiles.example", 443, False, id="no dot between"),
        pytest.param("corp.example", 8443, True, id="entry with port"),
        pytest.param("corp.example", 443, False, id="usual port of an entry with another"),
    ],
)
def test_names_and_ports(name: str, port: int, through: bool) -> None:
    assert bool(EGRESS.host(name, port)) is through


def test_of_two_entries_the_one_for_private_networks_counts() -> None:
    both = parse(["corp.example"], operator=False) + parse(["corp.example:443"], operator=True)

    host = Egress(both).host("corp.example", 443)

    assert host == Host("corp.example", private=True)


@pytest.mark.parametrize(
    "name",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.0x1", "0177.0.0.01", "a.1", "0x"],
)
def test_no_form_of_an_address_is_a_name(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize("name", ["pkg.example.", "PKG.example", "Pkg.Example."])
def test_one_name_has_one_form(name: str) -> None:
    assert canonical(name) == "pkg.example"


def test_two_trailing_dots_are_no_name() -> None:
    assert not is_name(canonical("pkg.example.."))


PUBLIC = ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
PRIVATE = ["10.0.0.1", "172.16.3.4", "192.168.1.1", "127.0.0.1", "::1", "fd00::1"]
PRIVATE += ["::ffff:10.0.0.1", "64:ff9b::7f00:1", "::ffff:127.0.0.1", "2002:7f00:1::"]
NEVER = ["169.254.169.254", "fe80::1", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1", "ff02::1"]
NEVER += ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "not an address", ""]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_open(address: str) -> None:
    assert is_open(address, private=False)
    assert is_open(address, private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_open_where_the_operator_said_so(address: str) -> None:
    assert not is_open(address, private=False)
    assert is_open(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_addresses_that_are_never_open(address: str) -> None:
    assert not is_open(address, private=False)
    assert not is_open(address, private=True)
