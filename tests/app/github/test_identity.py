from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app.github.errors import IdentityError
from app.github.identity import Identity, Skew, private_key

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
PKCS8 = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PEM, id="pem"),
        pytest.param(PKCS8, id="pkcs8"),
        pytest.param(PEM.replace("\n", "\\n"), id="escaped newlines"),
        pytest.param(PEM.replace("\n", "\\r\\n"), id="escaped carriage returns"),
        pytest.param(f'"{PEM}"', id="quoted"),
        pytest.param(PEM.replace("\n", " "), id="newlines became spaces"),
        pytest.param(PEM.replace("\n", "\r\n"), id="windows line ends"),
        pytest.param(base64.b64encode(PEM.encode()).decode(), id="base64"),
        pytest.param(base64.encodebytes(PEM.encode()).decode(), id="base64 in lines"),
    ],
)
def test_a_key_is_read_in_every_form_that_environment_files_make_of_it(text: str) -> None:
    assert private_key(text).private_numbers() == KEY.private_numbers()


def test_a_key_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "app.pem"
    path.write_text(PEM)

    assert private_key("", path).private_numbers() == KEY.private_numbers()
    assert private_key(str(path)).private_numbers() == KEY.private_numbers()


EC = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("hunter2!", "neither PEM", id="prose"),
        pytest.param(PEM[: len(PEM) // 2], "cut", id="half"),
        pytest.param(PEM.replace("MII", "XXX", 1), "not a usable key", id="damaged"),
        pytest.param(
            KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "public key",
            id="public",
        ),
        pytest.param(
            KEY.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
            ).decode(),
            "passphrase",
            id="encrypted",
        ),
        pytest.param(
            EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "not an RSA key",
            id="elliptic",
        ),
    ],
)
def test_a_wrong_key_is_one_sentence_that_names_the_setting(text: str, told: str) -> None:
    with pytest.raises(IdentityError) as caught:
        private_key(text)

    assert told in str(caught.value)
    assert str(caught.value).startswith("GITHUB_APP_PRIVATE_KEY")
    assert "\n" not in str(caught.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match=r"GITHUB_APP_PRIVATE_KEY_PATH .*nothing\.pem"):
        private_key("", tmp_path / "nothing.pem")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def claims(token: str) -> dict[str, int | str]:
    found: dict[str, int | str] = jwt.decode(
        token,
        KEY.public_key(),
        algorithms=["RS256"],
        options={"verify_exp": False, "verify_iat": False},
    )
    return found


async def test_a_jwt_is_backdated_a_minute_and_lives_at_most_nine() -> None:
    made = claims(await Identity("Iv1.client", KEY, lambda: NOW).token(False))

    assert made["iat"] == int(NOW.timestamp()) - 60
    assert int(made["exp"]) - int(made["iat"]) <= 9 * 60
    assert made["iss"] == "Iv1.client"


async def test_a_jwt_is_kept_for_half_its_life_and_made_anew_on_demand() -> None:
    clock = Clock()
    identity = Identity("1", KEY, clock)
    first = await identity.token(False)

    clock.now += timedelta(minutes=3)
    assert await identity.token(False) == first
    assert await identity.token(True) != first
    clock.now += timedelta(minutes=5)
    assert int(claims(await identity.token(False))["iat"]) == int(clock.now.timestamp()) - 60


async def test_jwts_follow_the_clock_of_github() -> None:
    identity = Identity("1", KEY, lambda: NOW)
    await identity.token(False)

    identity.skew.measure("Sun, 01 Mar 2026 11:50:00 GMT", NOW)

    assert claims(await identity.token(False))["iat"] == int(NOW.timestamp()) - 60 - 600


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        pytest.param("Sun, 01 Mar 2026 12:00:01 GMT", 0, id="within a second or two"),
        pytest.param("Sun, 01 Mar 2026 12:00:30 GMT", 30, id="ahead"),
        pytest.param("Sun, 01 Mar 2026 11:59:00 GMT", -60, id="behind"),
        pytest.param("yesterday", 0, id="no date"),
        pytest.param("Sun, 01 Mar 2026 12:10:00", 0, id="no zone"),
    ],
)
def test_skew_is_measured_from_date_headers(date: str, seconds: int) -> None:
    skew = Skew()

    skew.measure(date, NOW)

    assert skew.offset == timedelta(seconds=seconds)
