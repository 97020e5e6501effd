from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop.redaction import MARK, Redactor

SECRET = "whs/3cret+Value=with ünusual&chars"
PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + "\n".join(
    base64.b64encode(bytes(range(n, n + 48))).decode() for n in range(6)
)
PEM += "\n-----END RSA PRIVATE KEY-----"
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"RS256","typ":"JWT"}', b'{"iss":"github","sub":12}', bytes(96))
)

ENCODINGS = [
    pytest.param(lambda s: s, id="plain"),
    pytest.param(json.dumps, id="JSON"),
    pytest.param(lambda s: json.dumps(s, ensure_ascii=False), id="JSON in UTF-8"),
    pytest.param(lambda s: quote(s, safe=""), id="URL"),
    pytest.param(quote, id="URL path"),
    pytest.param(lambda s: "".join(f"%{b:02X}" for b in s.encode()), id="URL, every byte"),
    pytest.param(lambda s: s.encode().hex(), id="hex"),
    pytest.param(lambda s: s.encode().hex().upper(), id="HEX"),
    pytest.param(lambda s: s.encode().hex(" "), id="hex dump"),
    pytest.param(lambda s: base64.b64encode(s.encode()).decode(), id="base64"),
    pytest.param(lambda s: base64.b64encode(b"x" + s.encode()).decode(), id="base64, off by 1"),
    pytest.param(lambda s: base64.b64encode(b"xy" + s.encode()).decode(), id="base64, off by 2"),
    pytest.param(lambda s: base64.urlsafe_b64encode(s.encode()).decode(), id="base64 for URLs"),
    pytest.param(lambda s: s[1:], id="cut by 1"),
    pytest.param(lambda s: s[4:], id="cut by 4"),
    pytest.param(lambda s: s[:-4], id="cut at the end"),
    pytest.param(lambda s: base64.b64encode(s[3:].encode()).decode(), id="cut and base64"),
    pytest.param(lambda s: s[2:].encode().hex(), id="cut and hex"),
]


@pytest.mark.parametrize("encode", ENCODINGS)
@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(SECRET, id="odd characters"),
        pytest.param(secrets.token_hex(20), id="hex secret"),
        pytest.param(f"ghs_12_{JWT}", id="installation token"),
    ],
)
def test_a_known_value_is_found_however_it_is_written(
    encode: Callable[[str], str], secret: str
) -> None:
    text = encode(secret)

    redacted = Redactor([secret]).text(f"before {text} after")

    assert redacted.startswith("before ")
    assert redacted.endswith(" after")
    assert MARK in redacted
    left = redacted.replace(MARK, "")
    # What is left of an encoded value is the edge that shares a character with what is beside it.
    run = len(text) // 3
    assert not any(text[at : at + run] in left for at in range(len(text) - run))


def test_a_known_value_is_found_in_base64_that_is_wrapped() -> None:
    around = b"0123456789" * 4
    text = base64.encodebytes(around + SECRET.encode() + around).decode()

    left = Redactor([SECRET]).text(text).replace(MARK, "")

    assert len(left.replace("\n", "")) <= len(base64.b64encode(around + around)) + 4


def test_nothing_of_a_known_value_is_left() -> None:
    redactor = Redactor([SECRET])

    assert redactor.text(f"<{SECRET}>") == f"<{MARK}>"
    assert redactor.text(f"<{SECRET[3:]}>") == f"<{MARK}>"
    assert redactor.text(SECRET.encode().hex()) == MARK


def test_each_line_of_a_known_key_is_found() -> None:
    redactor = Redactor([PEM])
    lines = PEM.splitlines()[1:-1]

    assert redactor.text("\n".join(f"  {line}" for line in lines)).split() == [MARK] * len(lines)
    assert redactor.text(PEM) == MARK
    assert redactor.text(json.dumps({"key": PEM})) == json.dumps({"key": MARK})
    assert MARK in redactor.text(base64.b64encode(PEM.encode()).decode())


def test_a_short_secret_is_found_as_it_is() -> None:
    assert Redactor(["hunter2"]).text("hunter2, hunter") == f"{MARK}, hunter"


def test_a_secret_learnt_later_counts_from_then_on() -> None:
    redactor = Redactor()
    before = redactor.text("rotating-token-1")
    redactor.learn("rotating-token-1")

    assert before == "rotating-token-1"
    assert redactor.text("rotating-token-1") == MARK


def test_the_newest_secrets_are_remembered() -> None:
    redactor = Redactor(["the-first-secret"])

    for number in range(500):
        redactor.learn(f"secret-number-{number:04}")

    assert redactor.text("the-first-secret") == "the-first-secret"
    assert redactor.text("secret-number-0499") == MARK


@pytest.mark.parametrize(
    "known",
    [
        pytest.param("", id="empty"),
        pytest.param("abc", id="a word"),
        pytest.param("redacted", id="the mark"),
        pytest.param("  \n ", id="blank"),
    ],
)
def test_what_is_no_secret_takes_nothing_out(known: str) -> None:
    assert Redactor([known]).text(f"abc {MARK} abc") == f"abc {MARK} abc"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("x ghp_" + "a1B2" * 9, f"x {MARK}", id="classic token"),
        pytest.param(f"x ghs_1234_{JWT} y", f"x {MARK} y", id="installation token"),
        pytest.param(f"x ghs_1234_{JWT}.", f"x {MARK}.", id="installation token, full stop"),
        pytest.param("x ghs_1234_" + JWT[:40], f"x {MARK}", id="installation token, cut"),
        pytest.param(f"s_1234_{JWT}", MARK, id="installation token without its start"),
        pytest.param("github_pat_" + "11AAAA0_bcd" * 5, MARK, id="fine-grained token"),
        pytest.param(PEM, MARK, id="private key"),
        pytest.param(json.dumps(PEM), f'"{MARK}"', id="private key in JSON"),
        pytest.param(PEM[: len(PEM) // 2], MARK, id="half a private key"),
        pytest.param("AKIAIOSFODNN7EXAMPLE", MARK, id="AWS key id"),
        pytest.param(
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            f"aws_secret_access_key = {MARK}",
            id="AWS secret",
        ),
        pytest.param("AIza" + "Sy0aB-_" * 5, MARK, id="Google key"),
        pytest.param("xoxb-1234567890-abcdefghij", MARK, id="Slack token"),
        pytest.param(
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXX",
            f"https://hooks.slack.com/services/{MARK}",
            id="Slack hook",
        ),
        pytest.param("sk-proj-" + "aB3_" * 10, MARK, id="OpenAI key"),
        pytest.param("sk-ant-api03-" + "aB3-" * 10, MARK, id="Anthropic key"),
        pytest.param("hf_" + "abcDEF" * 6, MARK, id="Hugging Face token"),
        pytest.param(JWT, MARK, id="JWT"),
        pytest.param(
            "Authorization: Basic dXNlcjpwYXNzd29yZA==",
            f"Authorization: Basic {MARK}",
            id="basic header",
        ),
        pytest.param(
            '"authorization": "Bearer abcdefghijklmnopqrst"',
            f'"authorization": "Bearer {MARK}"',
            id="bearer header in JSON",
        ),
        pytest.param(
            "curl -H 'bearer 0123456789abcdef0123'", f"curl -H 'bearer {MARK}'", id="bearer"
        ),
        pytest.param(
            "https://x-access-token:hunter2@github.com/o/r",
            f"https://x-access-token:{MARK}@github.com/o/r",
            id="password in a URL",
        ),
    ],
)
def test_shapes_are_found(text: str, expected: str) -> None:
    assert Redactor().text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("6dcd4ce23d88e2ee9568ba546c007c63d9131c1b", id="commit"),
        pytest.param(
            "1b4f0e9851971998e732078544c96b36c3d01cedf7caa332359d6f1d83567014", id="SHA-256"
        ),
        pytest.param("123e4567-e89b-12d3-a456-426614174000", id="uuid"),
        pytest.param(
            "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwv==",
            id="integrity",
        ),
        pytest.param("h1:JBJhKkYgOjDFPbzHmTBq1tMKGH9T2zVzXXfrLHCqgqE=", id="go.sum"),
        pytest.param("ssh://git@github.com/o/r.git", id="user in a URL"),
        pytest.param("http://localhost:8080/@scope/name", id="port in a URL"),
        pytest.param("see https://example.org/a:b and mail@example.org", id="mail behind a URL"),
        pytest.param("the task-management-of-many-words-123456 module", id="sk- inside a word"),
        pytest.param("the sk-learn-style-estimator-interface", id="sk- without a digit"),
        pytest.param("basic internationalization-of-everything", id="basic in prose"),
        pytest.param("a bearer of-bad-news-for-everybody-here", id="bearer in prose"),
        pytest.param("Authorization: required for each of the endpoints", id="heading"),
        pytest.param(
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", id="certificate"
        ),
        pytest.param(
            "it starts with -----BEGIN RSA PRIVATE KEY----- as usual", id="key's first line"
        ),
        pytest.param("tests/test_ghs_tokens.py::test_ghp_prefix", id="names with a prefix"),
        pytest.param("npm_config_cache and hf_hub_download", id="names with other prefixes"),
        pytest.param("def test_aws_secret_access_key_is_read(): ...", id="name of a test"),
        pytest.param("eyJhbGciOiJIUzI1NiJ9", id="one segment"),
        pytest.param("e3b0c44298fc1c149afbf4c8996fb924  dist/foreman-0.1.0.tar.gz", id="checksum"),
    ],
)
def test_what_only_looks_random_stays(text: str) -> None:
    assert Redactor([SECRET, PEM]).text(text) == text


def test_values_keep_their_shape() -> None:
    value = {"a": [SECRET, 1, None, True], SECRET: {"b": f"x{SECRET}"}}

    assert Redactor([SECRET]).value(value) == {"a": [MARK, 1, None, True], MARK: {"b": f"x{MARK}"}}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.just(SECRET)
    | st.just(JWT),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
def test_redacted_values_are_json_and_hold_no_secret(value: object) -> None:
    text = json.dumps(Redactor([SECRET]).value(value), ensure_ascii=False)

    json.loads(text)
    assert SECRET not in text
    assert JWT not in text


pieces = st.sampled_from(
    [
        SECRET,
        SECRET[2:],
        JWT,
        PEM,
        "ghp_",
        "a1B2" * 9,
        "Bearer ",
        "://u:",
        "@",
        "\n",
        MARK,
        "[",
        "sk-",
    ]
)


@given(st.lists(pieces | st.text(max_size=6), max_size=8))
def test_redacting_twice_is_redacting_once(parts: list[str]) -> None:
    redactor = Redactor([SECRET, "ghp_"])
    once = redactor.text("".join(parts))

    assert redactor.text(once) == once
    assert SECRET not in once


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param("eyJ", id="eyJ"),
        pytest.param("a.eyJ", id=".eyJ"),
        pytest.param("sk-", id="sk-"),
        pytest.param("ghs_1_eyJ", id="ghs"),
        pytest.param("-----BEGIN PRIVATE KEY-----", id="BEGIN"),
        pytest.param("-----BEGIN PRIVATE KEY-----\n" + "A" * 40 + "\n", id="unended keys"),
        pytest.param("://a", id="URLs"),
        pytest.param("authorization: ", id="headers"),
        pytest.param("bearer a", id="bearer"),
        pytest.param("aws_secret_key=", id="aws"),
        pytest.param("A" * 76 + "\n", id="base64 lines"),
        pytest.param("x", id="one run"),
    ],
)
def test_hostile_text_is_redacted_in_linear_time(flood: str) -> None:
    """Quadratic work would take minutes at this size."""
    redactor = Redactor([SECRET, PEM])
    text = flood * (400_000 // len(flood))

    began = time.process_time()
    redactor.text(text)

    assert time.process_time() - began < 5
