from __future__ import annotations

import pytest

from loop.rails.seats import open_seat
from tools.result import Extra, Ruling, Verdict


def ruled(**demoted: str) -> list[Ruling]:
    return [Ruling.model_validate({"rail": r, "ruling": how}) for r, how in demoted.items()]


@pytest.mark.parametrize(
    ("verdict", "extra", "why"),
    [
        pytest.param(
            "INCOMPLETE",
            Extra(outcome="UNGROUNDED"),
            "no blocking finding points at the change",
            id="ungrounded",
        ),
        pytest.param(
            "INCOMPLETE",
            Extra(rulings=ruled(neverLooked="demoted"), unseen_files=["a.py", "b.py"]),
            "the reviewer was not shown a.py, b.py",
            id="never looked",
        ),
        pytest.param(
            "INCOMPLETE",
            Extra(
                rulings=ruled(neverLooked="demoted"), unseen_files=[f"f{n}.py" for n in range(12)]
            ),
            "the reviewer was not shown f0.py, f1.py, f2.py, f3.py, f4.py, f5.py, f6.py, f7.py,"
            " f8.py, f9.py and 2 more",
            id="many not shown",
        ),
        pytest.param(
            "NO-GO",
            Extra(rulings=ruled(scope="kept", issueAskEnforced="demoted")),
            "the reviewer does not say what the issue asks for",
            id="rail 8 alone",
        ),
    ],
)
def test_these_seats_are_open(verdict: Verdict, extra: Extra, why: str) -> None:
    assert open_seat(verdict, extra) == why


@pytest.mark.parametrize(
    ("verdict", "extra"),
    [
        pytest.param("GO", Extra(rulings=ruled(neverLooked="kept")), id="go"),
        pytest.param("NO-GO", Extra(), id="no-go"),
        pytest.param(
            "NO-GO", Extra(rulings=ruled(scope="demoted", issueAskEnforced="annotated")), id="drift"
        ),
        pytest.param(
            "NO-GO", Extra(rulings=ruled(verdictFromFindings="demoted")), id="own findings"
        ),
        pytest.param("INCOMPLETE", Extra(outcome="LOOP-INCOMPLETE"), id="no end"),
        pytest.param("INCOMPLETE", Extra(rulings=ruled(emptyClaim="demoted")), id="empty claim"),
        pytest.param("GATE-FAIL", Extra(), id="gate"),
    ],
)
def test_these_seats_are_not(verdict: Verdict, extra: Extra) -> None:
    assert open_seat(verdict, extra) == ""
