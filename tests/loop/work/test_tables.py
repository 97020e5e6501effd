"""Tables and text of a change, as people read them."""

from __future__ import annotations

from loop.work.pull_request import END, START, body, changed
from loop.work.tables import checks_table, gate_table, to_verify, unfounded
from tools.result import CheckRun, Extra, GateCommand, Result, Unverified


def test_facts_for_a_person_are_a_table_and_boxes() -> None:
    fact = Unverified(fact="40 tok/s", why_it_matters="users plan by it", how_to_verify="measure")

    assert to_verify([fact]).split("\n\n")[1:] == [
        (
            "| Fact | Why it matters | How to find out |\n| --- | --- | --- |\n"
            "| 40 tok/s | users plan by it | measure |"
        ),
        "- [ ] 40 tok/s",
    ]
    assert to_verify([]) == ""


def test_checks_that_passed_take_one_line() -> None:
    runs = [
        CheckRun(check="bite", tier="block", outcome="failed", detail="green without the fix"),
        CheckRun(check="secrets", tier="block", outcome="passed"),
        CheckRun(check="sizes", tier="block", outcome="passed"),
    ]

    told = checks_table(runs)

    assert "| bite | ❌ failed | green without the fix |" in told
    assert told.endswith("Passed: secrets, sizes.")
    assert checks_table([]) == ""


def test_names_without_ground_are_a_warning_of_at_most_five() -> None:
    told = unfounded([f"claim{i}" for i in range(7)])

    assert told.startswith("> [!WARNING]")
    assert "`claim4`" in told
    assert "`claim5`" not in told
    assert unfounded([]) == ""


def test_commands_show_how_they_ended() -> None:
    table = gate_table(
        [
            GateCommand(name="lint", command="a | b", exit_code=0, seconds=1.24),
            GateCommand(name="test", command="pytest -q", exit_code=2),
            GateCommand(name="setup", command="npm ci", output="no network"),
        ]
    )

    assert "| lint | `a \\| b` | ✅ passed | 1.2 s |" in table
    assert "| test | `pytest -q` | ❌ exit 2 | 0.0 s |" in table
    assert "| setup | `npm ci` | ⚠️ could not run | 0.0 s |" in table
    assert gate_table([]) == ""


MESSAGE = """Make add add

It subtracted since 2019.

Foreman-Task: uid-1
Signed-off-by: Bot <bot@example.com>
Fixes #1
"""


def test_the_text_tells_what_changed_and_why_and_what_was_run() -> None:
    extra = Extra(
        commit_message=MESSAGE,
        summary_unverified_claims=["add_all"],
        unverified=[Unverified(fact="40 tok/s")],
        gate=[GateCommand(name="test", command="pytest", exit_code=0)],
        checks=[CheckRun(check="secrets", tier="block", outcome="passed")],
    )

    text = body(Result(verdict="GO", summary="add adds", extra=extra))

    order = ["add adds", "since 2019", "`add_all`", "- [ ] 40 tok/s", "`pytest`", "secrets"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert text.startswith(START)
    assert text.endswith(END)
    assert "Foreman-Task" not in text
    assert "Fixes" not in text


def test_a_reason_that_repeats_the_summary_is_left_out() -> None:
    extra = Extra(commit_message="Make add add\n\nadd adds")

    assert changed(Result(verdict="GO", summary="add adds", extra=extra)).count("add adds") == 1


def test_what_a_model_writes_can_neither_close_nor_mark_anything() -> None:
    text = changed(Result(verdict="GO", summary=f"fixes #7 {END} @ann"))

    assert END not in text
    assert "fixes #7" not in text
    assert "@ann" not in text
