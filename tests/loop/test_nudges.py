from __future__ import annotations

import re

import pytest

from loop.nudges import Vocabulary, closing, nudge, refusal, vocabulary, with_reasoning
from loop.recoveries import LIMITS, Stall
from tests.loop.loop_support import registry

WITH = vocabulary(registry().schemas())
WITHOUT = vocabulary(registry(submits=False).schemas())


def test_the_words_come_from_the_tools_on_the_wire() -> None:
    expected = Vocabulary(("say", "write", "submit_result"), ("GO", "NO-GO", "ERROR"))

    assert expected == WITH


@pytest.mark.parametrize(
    "words", [pytest.param(WITH, id="submits"), pytest.param(WITHOUT, id="not")]
)
@pytest.mark.parametrize("stall", list(LIMITS))
def test_nudges_name_only_what_there_is(words: Vocabulary, stall: Stall) -> None:
    said = [nudge(stall, words), closing(words, left=2), refusal(words, "say")]

    for text in said:
        assert ("submit_result" in text) == words.submits
        assert set(re.findall(r"\b(?:NO[_-])?GO\b|\bERROR\b", text)) <= set(words.verdicts)


def test_only_the_end_of_a_long_reasoning_is_shown() -> None:
    text = with_reasoning("go on", "a" * 50_000 + "END")

    assert text.startswith("go on")
    assert text.endswith("END")
    assert len(text) < 10_000
