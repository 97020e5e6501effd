from __future__ import annotations

import pytest

from tools.kept_diffs import KeptDiffs


def after(*commands: str) -> str:
    """The last of *commands*, as it is taken."""
    kept = KeptDiffs()
    return [" ".join(kept.rewritten(command).split()) for command in commands][-1]


KEEP = "cd /workspace && git diff origin/main...HEAD > /tmp/d.txt; wc -l /tmp/d.txt"


def test_keeping_prints_nothing() -> None:
    assert after(KEEP) == "cd /workspace &&true; wc -l /tmp/d.txt"


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        pytest.param("cat /tmp/d.txt", "git diff origin/main...HEAD", id="cat"),
        pytest.param(
            "sed -n '1,200p' /tmp/d.txt", "git diff origin/main...HEAD | sed -n 1,200p", id="sed"
        ),
        pytest.param(
            "tail -n +200 /tmp/d.txt 2>/dev/null | head -100",
            "git diff origin/main...HEAD | tail -n +200 | head -100",
            id="tail and head",
        ),
        pytest.param("wc -l /tmp/d.txt", "wc -l /tmp/d.txt", id="count"),
        pytest.param("cat -n /tmp/d.txt", "cat -n /tmp/d.txt", id="numbered"),
        pytest.param("cat a.py /tmp/d.txt", "cat a.py /tmp/d.txt", id="with another"),
        pytest.param("cat other.txt", "cat other.txt", id="another"),
    ],
)
def test_reading_the_file_is_asking_git(command: str, taken: str) -> None:
    assert after(KEEP, command) == taken


@pytest.mark.parametrize(
    "command",
    [
        "echo '+x' >> /tmp/d.txt",
        "sed -i s/a/b/ /tmp/d.txt > /tmp/d.txt",
        "cp evil.txt /tmp/d.txt",
        "sed -i s/a/b/ /tmp/d.txt",
        "cat evil.txt | tee /tmp/d.txt",
        'python3 -c \'open("/tmp/d.txt", "w")\'',
        "cat 'x /tmp/d.txt",
    ],
)
def test_a_file_that_may_have_changed_is_a_file(command: str) -> None:
    assert after(KEEP, command, "cat /tmp/d.txt") == "cat /tmp/d.txt"
