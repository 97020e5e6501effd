"""What a bite check does where it cannot go its plain way; on real Python repositories."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import venv
from collections.abc import Awaitable, Callable

from loop.gates.bench import Bench
from tests.loop.gates.languages.scripted import UNITTEST
from tests.loop.gates.languages.shop import Shop

Opened = Callable[..., Awaitable[Shop]]
VERIFY = "language: python\ncommands:\n  test: {test}\n"


async def test_time_that_is_up_proves_nothing(shop: Opened) -> None:
    opened = await shop(UNITTEST)
    opened.change(UNITTEST.fix)
    ticks = itertools.count(step=899.999)

    found = await opened.bite(clock=lambda: next(ticks))

    assert found.outcome == "could not run"
    assert "was stopped after" in found.detail


async def test_tests_that_the_gate_did_not_run_are_not_judged(shop: Opened) -> None:
    opened = await shop(UNITTEST)
    opened.change(UNITTEST.fix)
    bench = Bench(opened.git, opened.workspace, opened.runner, tested=False)

    found = await opened.bite(bench=bench)

    assert found.outcome == "could not run"
    assert found.detail.startswith("the gate ran no tests")


async def test_tests_in_a_language_that_no_command_runs_are_not_judged(shop: Opened) -> None:
    opened = await shop(UNITTEST)
    opened.change({"cart.py": UNITTEST.fix["cart.py"], "web/cart.test.ts": "test();\n"})

    found = await opened.bite()

    assert (found.outcome, found.detail) == (
        "could not run",
        "no command runs web/cart.test.ts",
    )


async def test_a_fixture_alone_runs_the_whole_command(shop: Opened) -> None:
    reads = (
        "import unittest\nfrom pathlib import Path\n\nfrom cart import total\n\n\n"
        "class Total(unittest.TestCase):\n    def test_all(self):\n"
        "        prices = [int(x) for x in Path('tests/prices').read_text().split()]\n"
        "        self.assertEqual(total(prices), prices[-1])\n"
    )
    files = {**UNITTEST.files, "tests/test_cart.py": reads, "tests/prices": "1 1\n"}
    opened = await shop(dataclasses.replace(UNITTEST, files=files))
    opened.change({"cart.py": UNITTEST.fix["cart.py"], "tests/prices": "1 -1 0\n"})

    found = await opened.bite()

    assert found.outcome == "passed", found.detail


async def test_a_manifest_that_stops_everything_is_left_as_it_is_now(shop: Opened) -> None:
    """Put back as it was, it would say nothing of the code."""
    files = {
        "cart.py": UNITTEST.files["cart.py"],
        "tests/__init__.py": "",
        "tests/test_cart.py": UNITTEST.files["tests/test_cart.py"],
        ".foreman/verify.yaml": VERIFY.format(test="sh ./go"),
        "go": '[ -f enabled.cfg ] || { echo "SyntaxError: no setting"; exit 1; }\npython3 -B -m unittest -q\n',
    }
    opened = await shop(dataclasses.replace(UNITTEST, files=files))
    opened.change({**UNITTEST.fix, "enabled.cfg": "x\n"})

    found = await opened.bite()

    assert found.outcome == "passed", found.detail
    assert "weak" not in found.detail


async def test_an_editable_install_does_not_bring_the_change_back(shop: Opened) -> None:
    files = {
        "src/cart.py": UNITTEST.files["cart.py"],
        "tests/test_cart.py": UNITTEST.files["tests/test_cart.py"],
        ".foreman/verify.yaml": VERIFY.format(test="python3 -B -m unittest discover -s tests -q"),
    }
    opened = await shop(dataclasses.replace(UNITTEST, files=files))
    environment = opened.workspace.path / ".venv"
    await asyncio.to_thread(venv.create, environment)
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "cart.pth").write_text(f"{opened.workspace.path}/src\n")
    opened.change(
        {
            "src/cart.py": UNITTEST.fix["cart.py"],
            "tests/test_cart.py": UNITTEST.fix["tests/test_cart.py"],
        }
    )
    bench = Bench(opened.git, opened.workspace, opened.runner, installed=True)

    found = await opened.bite(bench=bench)

    assert found.outcome == "passed", found.detail
    assert "weak" not in found.detail
