from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loop.errors import TranscriptError
from loop.model import Message, ToolCall, Usage
from loop.nudges import INTERRUPTED
from loop.task import CallRecord
from loop.transcript import Transcript, read_transcript
from tests.loop.loop_support import OPENING, transcript
from tools.submit import Submission
from tools.tool import Shown


def made(call_id: str, text: str = "{}") -> ToolCall:
    return ToolCall(id=call_id, name="say", arguments_text=text, arguments=json.loads(text))


def answer(call_id: str, turn: int) -> tuple[Message, CallRecord]:
    message = Message(role="tool", content="ok", call_id=call_id, name="say")
    return message, CallRecord(turn, "say", succeeded=True, shown=(Shown("a", 1, 2),), edited=True)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    reply = Message(
        role="assistant", content="", reasoning="hm", calls=(made("a", '{"x": 1}'), made("b"))
    )
    submission = Submission(verdict="GO", summary="done", commit_message="Fix")
    with transcript(tmp_path / "t") as out:
        out.opening(OPENING)
        out.reply(1, reply, usage=Usage(10, 5, 3), seconds=2.5)
        out.answers([answer("a", 1)])
        out.tree(1, "abc")
        out.answers([answer("b", 1)], accepted=submission)
        out.reply(2, Message(role="assistant", content="x"), usage=Usage(20, 1), seconds=4.0)

    found = read_transcript(tmp_path / "t")

    assert found.messages[:3] == (*OPENING, reply)
    assert (found.turn, found.tree, found.seconds) == (2, "abc", 4.0)
    assert found.usage == Usage(30, 6, 3)
    assert found.calls == (answer("a", 1)[1], answer("b", 1)[1])
    assert found.submission == submission
    assert found.missing == ()


def test_no_file_is_an_empty_record(tmp_path: Path) -> None:
    assert read_transcript(tmp_path / "none").messages == ()


def test_calls_without_an_answer_read_as_interrupted(tmp_path: Path) -> None:
    reply = Message(role="assistant", content="", calls=(made("a"), made("b"), made("c")))
    with transcript(tmp_path / "t") as out:
        out.opening(OPENING)
        out.reply(1, reply, usage=Usage(), seconds=0)
        out.answers([answer("b", 1)])

    found = read_transcript(tmp_path / "t")

    assert [m.call_id for m in found.messages[3:]] == ["a", "b", "c"]
    assert [INTERRUPTED in m.content for m in found.messages[3:]] == [True, False, True]
    assert [m.call_id for m in found.missing] == ["a", "c"]


def test_a_torn_line_is_cut_off_before_the_next_is_written(tmp_path: Path) -> None:
    path = tmp_path / "t"
    with transcript(path) as out:
        out.opening(OPENING)
    path.write_bytes(path.read_bytes() + b'{"turn": 1, "mess')
    assert len(read_transcript(path).messages) == 2

    with transcript(path) as out:
        out.note(1, Message(role="user", content="go on"))

    assert [m.content for m in read_transcript(path).messages][2:] == ["go on"]


def test_everything_is_redacted_on_the_way_in(tmp_path: Path) -> None:
    call = made("a", '{"token": "s3cret"}')
    reply = Message(role="assistant", content="s3cret", reasoning="s3cret", calls=(call,))
    now = datetime(2030, 1, 1, tzinfo=UTC)
    path = tmp_path / "t"
    with Transcript(path, redact=lambda t: t.replace("s3cret", "***"), now=lambda: now) as out:
        out.opening([Message(role="user", content="s3cret")])
        out.reply(1, reply, usage=Usage(), seconds=0)
        told = Message("tool", "s3cret", call_id="a", name="say")
        secret = Submission(verdict="GO", summary="s3cret")
        out.answers([(told, answer("a", 1)[1])], accepted=secret)

    assert "s3cret" not in path.read_text()
    assert read_transcript(path).messages[1].calls[0].arguments == {"token": "***"}


def test_a_redaction_that_breaks_arguments_leaves_valid_ones(tmp_path: Path) -> None:
    call = made("a", '{"key": "line\\nline"}')
    path = tmp_path / "t"
    with Transcript(path, redact=lambda t: t.replace('line"}', "***"), now=datetime.now) as out:
        out.reply(1, Message("assistant", "", calls=(call,)), usage=Usage(), seconds=0)

    assert read_transcript(path).messages[0].calls[0].arguments_text == "{}"


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    with transcript(tmp_path / "t"):
        pass

    assert (tmp_path / "t").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("not json\n", id="no JSON"),
        pytest.param('{"turn": 1, "message": {}}\n', id="no message"),
        pytest.param("[1]\n", id="no object"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t").write_text(text)

    with pytest.raises(TranscriptError, match="move the file away"):
        read_transcript(tmp_path / "t")
