from __future__ import annotations

from loop.endings import gate_failed, submitted
from loop.model import Usage
from loop.task import Ending, Identity
from tools.result import Extra
from tools.submit import Submission


def test_headers_name_the_run_and_the_turn() -> None:
    identity = Identity(task="code-12", agent="coder", kind="issue-fix", issue=12, round=1)

    assert identity.headers(3) == {
        "X-Foreman-Task": "code-12",
        "X-Foreman-Agent": "coder",
        "X-Foreman-Kind": "issue-fix",
        "X-Foreman-Issue": "12",
        "X-Foreman-Round": "1",
        "X-Foreman-Turn": "3",
    }


def test_what_is_unknown_sends_no_header() -> None:
    assert Identity(task="t").headers(1) == {
        "X-Foreman-Task": "t",
        "X-Foreman-Round": "0",
        "X-Foreman-Turn": "1",
    }


def test_the_envelope_holds_the_claims_under_what_the_harness_knows() -> None:
    extra = Extra(outcome="PUSH-FAILED", turn_count=99, files_touched=["a.py"])
    submission = Submission(verdict="GO", summary="done", commit_message="Fix", extra=extra)
    result = submitted(submission).result()

    assert result.wire() == {
        "schemaVersion": "foreman.v1",
        "kind": "native-agent-loop",
        "verdict": "GO",
        "summary": "done",
        "extra": {
            "outcome": "MODEL-DECIDED",
            "reason": "Submitted",
            "turnCount": 0,
            "tokens": {"prompt": 0, "completion": 0, "estimated": False},
            "commitMessage": "Fix",
            "filesTouched": ["a.py"],
        },
        "elapsedSec": 0.0,
    }


def test_gate_output_is_bounded_at_its_end() -> None:
    submission = Submission(verdict="GO", summary="done")
    ending = gate_failed(submission, attempts=3, output="ä" * 40_000 + "END")

    assert len(ending.gate_output.encode()) <= 32 * 1024
    assert ending.gate_output.endswith("END")


def test_tokens_are_told() -> None:
    ending = Ending("GO", "MODEL-DECIDED", "x", "s", tokens=Usage(5, 2, 1, estimated=True))

    assert ending.result().extra.tokens is not None
    assert ending.result().extra.tokens.wire() == {
        "prompt": 5,
        "completion": 2,
        "estimated": True,
    }
