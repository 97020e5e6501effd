from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop.gates.secrets import find

_LOT = random.Random(7)
_ALNUM = string.ascii_letters + string.digits


def drawn(count: int, alphabet: str = _ALNUM) -> str:
    """As a machine draws it; put together here so that this file holds no secret's shape."""
    return "".join(_LOT.choice(alphabet) for _ in range(count))


def jwt() -> str:
    return f"eyJ{drawn(30)}.eyJ{drawn(60)}.{drawn(43)}"


SECRETS = {
    "github-classic": "ghp_" + drawn(36),
    "github-oauth": "gho_" + drawn(36),
    "github-installation": "ghs_" + drawn(36),
    "github-installation-jwt": f"ghs_123456_{jwt()}",
    "github-installation-jwt-plain": f"ghs_{jwt()}",
    "github-fine-grained": f"github_pat_{drawn(22)}_{drawn(59)}",
    "gitlab": "glpat-" + drawn(20),
    "aws-id": "AKIA" + drawn(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "aws-secret": f'aws_secret_access_key = "{drawn(40)}"',
    "google-key": "AIza" + drawn(35),
    "google-oauth": "ya29." + drawn(60),
    "google-client": "GOCSPX-" + drawn(28),
    "slack-bot": f"xoxb-{drawn(12, string.digits)}-{drawn(12, string.digits)}-{drawn(24)}",
    "slack-webhook": f"https://hooks.slack.com/services/T{drawn(9)}/B{drawn(9)}/{drawn(24)}",
    "openai-project": "sk-proj-" + drawn(80),
    "openai-old": f"sk-{drawn(20)}T3BlbkFJ{drawn(20)}",
    "anthropic": "sk-ant-api03-" + drawn(90),
    "hugging-face": "hf_" + drawn(34),
    "npm": "npm_" + drawn(36),
    "pypi": "pypi-AgEIcHlwaS5vcmc" + drawn(80),
    "stripe": "sk_live_" + drawn(24),
    "azure": f"AccountKey={drawn(86)}==",
    "bearer-header": f'"Authorization": "Bearer {drawn(40)}"',
    "bearer-jwt": f"curl -H 'X: Bearer {jwt()}'",
    "url-password": f"postgres://app:{drawn(20)}@db.internal.net/shop",
    "pem-inline": f'"private_key": "-----BEGIN PRIVATE KEY-----\\n{drawn(64)}\\n{drawn(64)}"',
}  # fmt: skip


@pytest.mark.parametrize("secret", [pytest.param(v, id=k) for k, v in SECRETS.items()])
def test_issued_secrets_are_found_and_not_repeated(secret: str) -> None:
    (finding,) = find([("settings.py", 7, f"TOKEN = {secret!r}")])

    assert (finding.check, finding.path, finding.line) == ("secrets", "settings.py", 7)
    assert secret not in str(finding)


@pytest.mark.parametrize(
    "line",
    [
        "TOKEN = os.environ['GITHUB_TOKEN']",
        'token: "${{ secrets.GITHUB_TOKEN }}"',
        "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "ghp_" + "x" * 36,
        "ghp_" + "0" * 36,
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "ghp_" + "1234567890" * 3 + "123456",
        "ghs_your-token-here",
        "sk-ant-api03-...",
        "sk-your-key-goes-here-please-replace-me-now",
        "Authorization: Bearer $TOKEN",
        "Authorization: Bearer <your token>",
        "Authorization: Bearer {token}",
        'headers = {"Authorization": f"Bearer {self.token}"}',
        "postgres://user:password@localhost/db",
        "postgres://postgres:postgres@db.example.com/app",
        "https://user:${PASSWORD}@example.org/x",
        "-----BEGIN PRIVATE KEY-----",
        'assert line.startswith("-----BEGIN RSA PRIVATE KEY-----")',
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "uuid: 9f1b5c0e-7a3d-4a6b-8f0e-2d9c1b7a5e43",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "def test_masks_xoxb_tokens():",
        "risk-assessment-of-the-large-scale-deployment-in-europe",
        "sk-learn-contrib-something-that-is-long-enough-to-match",
        "https://github.com/acme/shop/pull/12",
        "git@github.com:acme/shop.git",
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(line: str) -> None:
    assert find([("a", 1, line)]) == []


def test_a_private_key_is_its_header_and_its_body() -> None:
    kind = "RSA PRIVATE" + " KEY"
    lines = [("k", 1, f"-----BEGIN {kind}-----"), ("k", 2, drawn(64)), ("k", 3, drawn(64))]

    (finding,) = find(lines)

    assert finding.line == 1
    assert "private key" in finding.message


def test_a_header_and_a_body_of_other_places_are_no_key() -> None:
    header = "-----BEGIN PRIVATE" + " KEY-----"

    assert find([("a", 1, header), ("b", 2, drawn(64))]) == []
    assert find([("a", 1, header), ("a", 9, drawn(64))]) == []


def test_known_values_count_whatever_they_look_like() -> None:
    (finding,) = find([("a", 1, "the word hunter2hunter2 is it")], known=["hunter2hunter2", ""])

    assert "this very task" in finding.message


def test_short_known_values_blot_out_nothing() -> None:
    assert find([("a", 1, "a token")], known=["token"]) == []


@given(st.text(max_size=400))
def test_any_line_is_judged(line: str) -> None:
    find([("a", 1, line)])


def test_a_giant_line_is_judged_quickly() -> None:
    assert find([("a", 1, "a.-" * 1_000_000)]) == []
