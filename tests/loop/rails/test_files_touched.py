from __future__ import annotations

import pytest

from loop.rails.files_touched import RAIL
from loop.rails.order import reconcile
from tests.loop.rails.rails_support import file, record

FILES = [file("src/a.py", 1), file("new.py", old="old.py")]


@pytest.mark.parametrize(
    ("claimed", "ruling", "reason"),
    [
        pytest.param(["src/a.py", "new.py"], "kept", "", id="true"),
        pytest.param(["new.py", "./src/a.py"], "kept", "", id="other order and spelling"),
        pytest.param(["src/a.py", "new.py", "old.py"], "kept", "", id="old name of a rename"),
        pytest.param(None, "kept", "nothing was claimed", id="no claim"),
        pytest.param([], "overridden", "not named: new.py, src/a.py", id="nothing touched"),
        pytest.param(["src/a.py"], "overridden", "not named: new.py", id="one forgotten"),
        pytest.param(
            ["src/a.py", "new.py", "docs/x.md"],
            "overridden",
            "not in the diff: docs/x.md",
            id="one invented",
        ),
        pytest.param(
            ["main.go"],
            "overridden",
            "not in the diff: main.go; not named: new.py, src/a.py",
            id="all wrong",
        ),
        pytest.param(["SRC/a.py", "new.py"], "overridden", None, id="case matters"),
    ],
)
def test_the_list_is_gits(claimed: list[str] | None, ruling: str, reason: str | None) -> None:
    found = reconcile(record(files=FILES, files_touched=claimed), [RAIL])

    assert found.extra.files_touched == ["src/a.py", "new.py"]
    assert found.rulings[0].ruling == ruling
    assert found.extra.files_touched_claimed == (claimed if ruling == "overridden" else None)
    assert reason is None or found.rulings[0].reason == reason
    assert found.verdict == "GO"
    assert found.extra.verdict_demoted is None


def test_without_a_diff_the_claim_stays_and_is_not_believed() -> None:
    claims = record(files_touched=["a.py"])
    found = reconcile(claims.replace(files=None, fault="no common history"), [RAIL])

    assert found.extra.files_touched == ["a.py"]
    assert found.extra.files_touched_claimed is None
    assert found.extra.rails_run == []
    assert found.extra.rails_skipped == ["filesTouched: no common history"]


def test_a_diff_too_long_to_keep_is_not_ruled_on() -> None:
    found = reconcile(record(files_touched=["a.py"]).replace(files_omitted=3), [RAIL])

    assert found.extra.rails_skipped == ["filesTouched: the diff has 4 files, too many to keep"]


def test_a_ruling_stays_short() -> None:
    files = [file(f"f{n:03}.py", 1) for n in range(100)]
    found = reconcile(record(files=files, files_touched=[]), [RAIL])

    assert len(found.extra.files_touched or []) == 100
    assert found.rulings[0].found.endswith("f029.py and 70 more")
