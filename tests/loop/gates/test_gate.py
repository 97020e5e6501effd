from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from loop.gates.facts import Facts
from loop.gates.gate import could_not_run, run_gate, shortened
from loop.gates.profile import GateProfile, Override, gate_override, resolve
from tools.sandbox.egress import Egress, Visit, parse
from tools.sandbox.probe import probe
from tools.sandbox.runner import NO_ENVIRONMENT, Box, CommandResult, Network, Runner, SandboxName

OK = CommandResult(0, stdout="fine\n", seconds=0.5)


class Told:
    """A runner that answers from a table and remembers what it was asked."""

    name: SandboxName = "plain"
    workspace = "/workspace"

    def __init__(self, **answers: CommandResult) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Network, float]] = []

    async def run(
        self,
        command: str,
        *,
        timeout_seconds: float,
        network: Network = "none",
        environment: Mapping[str, str] = NO_ENVIRONMENT,
        output_limit: int = 16384,
    ) -> CommandResult:
        self.asked.append((command, network, timeout_seconds))
        return self.answers.get(command.rpartition("\n")[2], OK)

    async def kill(self) -> None:
        pass


def profile(network: Network = "none", **commands: str) -> GateProfile:
    override = gate_override("Agent", language="generic", commands=commands, network=network)
    return resolve(Facts(frozenset()), [override])


ALL = {"setup": "s", "format": "f", "lint": "l", "build": "b", "test": "t", "codegenCheck": "c"}


async def test_commands_run_in_order() -> None:
    runner = Told()

    report = await run_gate(profile("host", **dict(reversed(ALL.items()))), runner)

    assert [c.name for c in report.commands] == list(ALL)
    assert report.verdict == "GATE-PASS"
    assert report.summary == "passed: setup, format, lint, build, test, codegenCheck"
    assert [network for _, network, _ in runner.asked] == ["host"] + ["none"] * 5


async def test_the_first_failure_ends_it() -> None:
    runner = Told(l=CommandResult(2, stdout="a.py:1: bad\n", stderr="1 error\n"))

    report = await run_gate(profile(**{k: v for k, v in ALL.items() if k != "setup"}), runner)

    assert report.verdict == "GATE-FAIL"
    assert [c.name for c in report.commands] == ["format", "lint"]
    assert report.summary == "lint ended with exit code 2"
    assert report.failed is not None
    assert report.failed.output == "a.py:1: bad\n1 error"
    feedback = report.feedback()
    assert "$ l\na.py:1: bad\n1 error\n" in feedback
    assert "Passed before that: format." in feedback


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(
            CommandResult(127, stderr="sh: 1: l: not found\n"), "sh: 1: l: not found", id="127"
        ),
        pytest.param(CommandResult(126), "exit code 126: a program it names is not here", id="126"),
        pytest.param(CommandResult(None, could_not_run="no shell"), "no shell", id="never-started"),
    ],
)
async def test_a_missing_tool_is_no_failure(answer: CommandResult, why: str) -> None:
    report = await run_gate(profile(lint="l", test="t"), Told(l=answer))

    assert report.verdict == "GATE-PASS"
    assert report.commands[0].exit_code is None
    assert report.commands[0].output.startswith(f"could not run: {why}")
    assert report.summary == "passed: test; not run: lint"
    assert "lint: could not run" in report.feedback()


async def test_tests_that_could_not_run_are_no_pass() -> None:
    report = await run_gate(profile(lint="l", test="t"), Told(t=CommandResult(127)))

    assert report.verdict == "GATE-ERROR"
    assert report.summary.startswith("test could not run: exit code 127")


async def test_a_profile_without_tests_passes_and_says_so() -> None:
    report = await run_gate(profile(lint="l"), Told())

    assert report.verdict == "GATE-PASS"
    assert "no tests to run" in report.summary


async def test_nothing_to_run_is_no_pass() -> None:
    report = await run_gate(profile(), Told())

    assert report.verdict == "GATE-ERROR"
    assert "name commands in .foreman/verify.yaml" in report.summary


async def test_setup_alone_proves_nothing() -> None:
    report = await run_gate(profile("host", setup="s", test="t"), Told(t=CommandResult(127)))

    assert report.verdict == "GATE-ERROR"


async def test_setup_needs_the_operators_network() -> None:
    runner = Told()

    report = await run_gate(profile(setup="s", test="t"), runner)

    assert report.commands[0].exit_code is None
    assert "FOREMAN_ALLOWED_HOSTS" in report.commands[0].output
    assert "sandbox.allowedHosts" in report.commands[0].output
    assert report.verdict == "GATE-PASS"
    assert [command.rpartition("\n")[2] for command, _, _ in runner.asked] == ["t"]


async def test_what_the_network_refused_is_told_with_the_setting_that_allows_it() -> None:
    egress = Egress(parse(["pkg.example"], operator=True))
    visits = (Visit("pkg.example:443"), Visit("files.example:443", "not allowed", times=3))
    runner = Told(s=CommandResult(1, stderr="no such package\n", visits=visits))

    report = await run_gate(profile(egress, setup="s", test="t"), runner)

    assert report.verdict == "GATE-ERROR"
    output = report.commands[0].output
    assert output.startswith(
        "no such package\n[the network refused\n  files.example:443: not allow"
    )
    assert "(3 times)" in output
    assert "FOREMAN_ALLOWED_HOSTS" in output
    assert "pkg.example:443" not in output
    assert [network for _, network, _ in runner.asked] == [egress]


async def test_what_setup_installed_comes_first_only_after_setup() -> None:
    with_setup, without = Told(), Told()

    await run_gate(profile("host", setup="s", test="t"), with_setup)
    await run_gate(profile(test="t"), without)

    assert "$PWD/.venv/bin" in with_setup.asked[1][0]
    assert ".venv" not in with_setup.asked[0][0]
    assert ".venv" not in without.asked[0][0]


@pytest.mark.parametrize(
    ("output", "verdict"),
    [
        ("ModuleNotFoundError: No module named 'requests'", "GATE-ERROR"),
        ("AssertionError: 2 != 3", "GATE-FAIL"),
    ],
)
async def test_without_setup_what_is_missing_is_not_the_works_fault(
    output: str, verdict: str
) -> None:
    report = await run_gate(profile(setup="s", test="t"), Told(t=CommandResult(1, stderr=output)))

    assert report.verdict == verdict


async def test_with_setup_a_missing_module_is() -> None:
    missing = CommandResult(1, stderr="ModuleNotFoundError: No module named 'requests'")

    assert (await run_gate(profile(test="t"), Told(t=missing))).verdict == "GATE-FAIL"


async def test_a_setup_that_fails_is_an_error() -> None:
    report = await run_gate(profile("host", setup="s", test="t"), Told(s=CommandResult(1)))

    assert report.verdict == "GATE-ERROR"
    assert report.summary.startswith("setup ended with exit code 1")
    assert len(report.commands) == 1


async def test_what_was_switched_off_is_said() -> None:
    runner = Told()

    report = await run_gate(
        profile(lint="l", test="t", codegenCheck="c"),
        runner,
        switched_off={"test", "codegen_check"},
    )

    assert report.verdict == "GATE-PASS"
    assert [c.output for c in report.commands[1:]] == [
        "switched off by FOREMAN_TEST_GATE=0",
        "switched off by FOREMAN_CODEGEN_CHECK_GATE=0",
    ]
    assert "not run: test, codegenCheck" in report.summary


async def test_everything_switched_off_is_no_pass() -> None:
    report = await run_gate(profile(test="t"), Told(), switched_off={"test"})

    assert report.verdict == "GATE-ERROR"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            CommandResult(None, stdout="…", timed_out=True, seconds=9.6),
            "test was stopped after 10 s",
        ),
        (CommandResult(137, killed="memory"), "test was stopped: too much memory"),
        (CommandResult(None, killed="disk"), "test was stopped: too much disk"),
    ],
)
async def test_limits_fail_the_gate(answer: CommandResult, told: str) -> None:
    report = await run_gate(profile(test="t"), Told(t=answer))

    assert (report.verdict, report.summary) == ("GATE-FAIL", told)
    assert report.failed is not None
    assert "[was stopped" in report.feedback()


async def test_the_time_is_for_all_commands_together() -> None:
    runner = Told()
    times = iter([0.0, 10.0, 70.0, 130.0])

    await run_gate(
        profile(lint="l", build="b", test="t"),
        runner,
        timeout_seconds=100,
        clock=lambda: next(times),
    )

    assert [seconds for _, _, seconds in runner.asked] == [90.0, 30.0, 0.0]


@pytest.mark.parametrize(
    ("command", "result", "ran"),
    [
        pytest.param("python3 -m pytest -q", CommandResult(1, stderr="/usr/bin/python3: No module named pytest\n"), False, id="pytest"),
        pytest.param("python3 -m pytest -q", CommandResult(1, stderr="E   ModuleNotFoundError: No module named 'pytest'\n"), True, id="a-test's-import"),
        pytest.param("python3 -m pytest -q", CommandResult(1, stderr="/usr/bin/python3: No module named shop\n"), True, id="another-module"),
        pytest.param("cargo clippy", CommandResult(101, stderr="error: no such command: `clippy`\n"), False, id="clippy"),
        pytest.param("cargo fmt", CommandResult(1, stderr="error: 'cargo-fmt' is not installed for the toolchain\n"), False, id="fmt"),
        pytest.param("make test", CommandResult(2, stderr="make: *** [Makefile:2: test] Error 127\n"), True, id="make"),
        pytest.param("t", CommandResult(0), True, id="fine"),
    ],
)  # fmt: skip
def test_only_the_named_tool_can_be_missing(command: str, result: CommandResult, ran: bool) -> None:
    assert bool(could_not_run(command, result)) is not ran


def test_long_output_keeps_its_head_and_its_end() -> None:
    text = "".join(f"line {n}\n" for n in range(10_000))

    cut = shortened(text, 1000)

    assert cut.startswith("line 0\n")
    assert cut.endswith("line 9999\n")
    assert "characters left out" in cut
    assert len(cut) < 1100


# --- the real thing


@pytest.fixture(name="runner")
async def _runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return (await probe(want="plain")).runner(Box(workspace))


CART = "def total(prices):\n    return sum(prices)\n"
TEST = "from shop.cart import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"


def _write(runner: Runner, **files: str) -> Facts:
    root = Path(runner.workspace)
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    paths = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
    return Facts(frozenset(paths), {})


async def test_python_passes_and_leaves_no_compiled_files(runner: Runner) -> None:
    facts = _write(runner, shop__init="", shop__cart=CART, tests__test_cart=TEST)
    (Path(runner.workspace) / "shop/init.py").rename(Path(runner.workspace) / "shop/__init__.py")
    facts = _write(runner)

    report = await run_gate(resolve(facts), runner)

    assert report.verdict == "GATE-PASS", report.feedback()
    assert {c.name for c in report.commands} == {"build", "test"}
    assert not list(Path(runner.workspace).rglob("__pycache__"))


async def test_python_fails_with_the_assertion_in_the_feedback(runner: Runner) -> None:
    facts = _write(
        runner, cart=CART.replace("sum(prices)", "0"), test_cart=TEST.replace("shop.", "")
    )

    report = await run_gate(resolve(facts), runner)

    assert report.verdict == "GATE-FAIL"
    assert "assert 0 == 3" in report.feedback()


async def test_python_that_does_not_compile_fails_the_build(runner: Runner) -> None:
    facts = _write(runner, cart="def total(:\n", test_cart=TEST)

    report = await run_gate(resolve(facts), runner)

    assert report.failed is not None
    assert report.failed.name == "build"
    assert "SyntaxError" in report.feedback()


async def test_unittest_runs_where_pytest_is_not_asked_for(runner: Runner) -> None:
    text = "import unittest\n\nfrom cart import total\n\n\nclass T(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total([1]), 1)\n"
    found = _write(runner, cart=CART, test_cart=text)
    facts = Facts(found.paths, {"test_cart.py": text.encode()})

    report = await run_gate(resolve(facts), runner)

    assert report.verdict == "GATE-PASS"
    assert "Ran 1 test" in report.commands[-1].output


async def test_several_lines_are_one_command(runner: Runner) -> None:
    several = Override("x", "generic", {"test": "cd / || exit 1\ntest $(pwd) = / && exit 7\n"})

    report = await run_gate(resolve(Facts(frozenset()), [several]), runner)

    assert report.commands[0].exit_code == 7


async def test_a_tool_that_is_not_there_could_not_run(runner: Runner) -> None:
    absent = Override("x", "generic", {"lint": "no-such-linter .", "test": "true"})

    report = await run_gate(resolve(Facts(frozenset()), [absent]), runner)

    assert report.verdict == "GATE-PASS"
    assert "no-such-linter" in report.commands[0].output


async def test_unformatted_go_fails_and_a_missing_gofmt_does_not(
    runner: Runner, tmp_path: Path
) -> None:
    found = resolve(Facts(frozenset({"go.mod"})))
    only = {"lint": "", "build": "", "test": ""}
    profile = resolve(Facts(frozenset({"go.mod"})), [gate_override("x", commands=only)])
    assert found.commands["format"].startswith("unformatted=$(gofmt")

    report = await run_gate(profile, runner)

    assert report.verdict == "GATE-ERROR"
    assert "gofmt" in report.commands[0].output


async def test_an_edit_of_the_same_size_and_second_is_seen(runner: Runner, tmp_path: Path) -> None:
    """Python itself would run the compiled file of the source that stood there before."""
    workspace = Path(runner.workspace)
    module = workspace / "answer.py"
    test = gate_override(
        "Agent", language="python", commands={"test": "python3 -c 'import answer'"}
    )
    gate = resolve(Facts(frozenset()), [test])
    verdicts = []
    for text in ("assert 1 == 2\n", "assert 1 == 1\n"):
        module.write_text(text)
        os.utime(module, (1_700_000_000, 1_700_000_000))
        verdicts.append((await run_gate(gate, runner)).verdict)

    assert verdicts == ["GATE-FAIL", "GATE-PASS"]
