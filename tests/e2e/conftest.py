"""Houses for the tests of everything together, and the proof that nothing of them is left."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.e2e import processes
from tests.e2e.house import House, opened

Open = Callable[..., AbstractAsyncContextManager[House]]
_SHOWN = 20_000  # characters of a log, of a test that failed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what its processes said."""
    report = yield
    directory = getattr(item, "funcargs", {}).get("tmp_path")
    if report.failed and directory:
        for log in sorted(directory.rglob("*.log")):
            said = log.read_text(errors="replace")[-_SHOWN:]
            report.sections.append((str(log.relative_to(directory)), said))
    return report


@pytest.fixture(scope="session")
def app_key() -> str:
    """A private key of an App; making one takes longer than most tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(autouse=True)
async def _nothing_is_left() -> AsyncIterator[None]:
    """Whatever a test started is gone at its end, however it was killed."""
    before = set(processes.children(os.getpid()))
    with processes.gathering_orphans():
        yield
        left = await processes.gone(before, within_seconds=10.0)
    assert not left, f"still running: {left}"


@pytest.fixture(autouse=True)
def _nothing_needs_a_person(tmp_path: Path) -> Iterator[None]:
    """Whatever happened, no process logged an error: those are for a person to look at."""
    yield
    for log in tmp_path.rglob("*.log"):
        said = log.read_text(errors="replace")
        assert "Traceback" not in said, log.name
        assert '"level": "error"' not in said, log.name


@pytest.fixture
def open_house(tmp_path: Path, app_key: str) -> Open:
    """Opens a house in this test's folder."""

    def opening(**more: Any) -> AbstractAsyncContextManager[House]:
        return opened(tmp_path, app_key, **more)

    return opening


@pytest.fixture(name="house")
async def _house(open_house: Open) -> AsyncIterator[House]:
    """A house with the small story, running."""
    async with open_house() as house:
        await house.start()
        yield house
