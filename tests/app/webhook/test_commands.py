from __future__ import annotations

import random
import time

import pytest

from app.webhook.commands import USAGE, VERBS, help_text, parse, visible_lines


def words(text: str) -> list[str]:
    return [command.word for command in parse(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("/foreman fix", ["fix"], id="alone"),
        pytest.param("/foreman fix\r\n/foreman status\r\n", ["fix", "status"], id="two, in order"),
        pytest.param("Please:\n/foreman fix\nthanks", ["fix"], id="among prose"),
        pytest.param("/Foreman FIX", ["FIX"], id="any case"),
        pytest.param("/foreman", ["help"], id="bare"),
        pytest.param("/foreman dance", ["dance"], id="unknown"),
        pytest.param("<details>\n\n/foreman help\n</details>", ["help"], id="in details"),
        pytest.param("> said\n\n/foreman fix", ["fix"], id="after a quotation"),
        pytest.param("```\nx\n```\n/foreman fix", ["fix"], id="after a fence"),
        pytest.param("- ```\n  x\n  ```\n/foreman fix", ["fix"], id="after a fence in a list"),
        pytest.param("<!-- x -->\n/foreman fix", ["fix"], id="after a comment"),
        pytest.param("`<!--`\n\n/foreman fix", ["fix"], id="after a mention of a comment's start"),
        pytest.param("a `` b\n/foreman fix", ["fix"], id="after unpaired backticks"),
        pytest.param(
            "> ```\n> x\n\n/foreman fix", ["fix"], id="after an open fence in a quotation"
        ),
        pytest.param("", [], id="empty"),
        pytest.param("please /foreman fix", [], id="not at the start"),
        pytest.param(" /foreman fix", [], id="indented by one"),
        pytest.param("    /foreman fix", [], id="indented code"),
        pytest.param("\t/foreman fix", [], id="code by tab"),
        pytest.param("```\n/foreman fix\n```", [], id="fenced"),
        pytest.param("~~~sh\n/foreman fix\n~~~", [], id="fenced by tildes"),
        pytest.param("```\n/foreman fix", [], id="fenced to the end"),
        pytest.param("````\n```\n/foreman fix\n````", [], id="shorter fence inside"),
        pytest.param("```\n~~~\n/foreman fix\n```", [], id="other fence inside"),
        pytest.param("1. ```\n/foreman fix\n```", [], id="fence in a list"),
        pytest.param("`a\n/foreman fix\nb`", [], id="code span over lines"),
        pytest.param("``a`\n/foreman fix\n`b``", [], id="longer code span"),
        pytest.param("> /foreman fix", [], id="quoted"),
        pytest.param("> said\n/foreman fix", [], id="lazily continued quotation"),
        pytest.param("- > said\n/foreman fix", [], id="quotation in a list"),
        pytest.param("<!--\n/foreman fix\n-->", [], id="comment"),
        pytest.param("<!--\n\n/foreman fix", [], id="comment to the end"),
        pytest.param("text <!--\n/foreman fix\n--> x", [], id="comment inside a paragraph"),
        pytest.param("<!-- x --> /foreman fix", [], id="behind a comment"),
        pytest.param("<pre>\n/foreman fix\n</pre>", [], id="pre"),
        pytest.param("a <code>\n/foreman fix\n</code>", [], id="code element"),
        pytest.param("<blockquote>\n/foreman fix\n</blockquote>", [], id="blockquote"),
        pytest.param("/foremanfix", [], id="run together"),
        pytest.param("/foreman\u00a0fix", [], id="no-break space"),
        pytest.param("\u200b/foreman fix", [], id="zero-width space first"),
        pytest.param("\uff0fforeman fix", [], id="full-width slash"),
        pytest.param("/f\u043ereman fix", [], id="cyrillic o"),
        pytest.param("x\u2028/foreman fix", [], id="line separator"),
        pytest.param("x\x0b/foreman fix", [], id="vertical tab"),
    ],
)
def test_parse(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_arguments_are_the_rest_of_the_line() -> None:
    (command,) = parse("/foreman fix  mind the *gap*  ")

    assert (command.verb, command.argument) == ("fix", "mind the *gap*")
    assert command.line == "/foreman fix  mind the *gap*"


def test_look_alike_verbs_are_unknown() -> None:
    assert [c.verb for c in parse("/foreman \u017ftatus\n/foreman status")] == [None, "status"]


def test_every_command_documents_itself_and_the_help_triggers_nothing() -> None:
    assert set(USAGE) == set(VERBS)
    for usage in USAGE.values():
        assert f"`/foreman {usage.form}`" in help_text()
    assert parse(help_text()) == []


ALPHABET = [
    "`",
    "``",
    "```",
    "~~~",
    "\n",
    "\n\n",
    "> ",
    "- ",
    "<!--",
    "-->",
    "<pre>",
    "</pre>",
    "    ",
    "x",
    "/foreman fix",
    "\r",
    "\t",
    "<code>",
    "\0",
]


def test_any_text_keeps_its_lines() -> None:
    chance = random.Random(7)
    for _ in range(500):
        text = "".join(chance.choice(ALPHABET) for _ in range(chance.randrange(40)))
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

        shown = list(visible_lines(text))

        assert len(shown) == len(lines)
        assert all(s in ("", line) or "\0" in s for s, line in zip(shown, lines, strict=True))


@pytest.mark.parametrize(
    "piece", ["<!--", "`", "` `` ", "<code", "> ", "- ", "1. ", "\t-", "/foreman "]
)
def test_the_longest_comment_is_parsed_at_once(piece: str) -> None:
    text = piece * (65_536 // len(piece))
    before = time.process_time()

    parse(text)

    assert time.process_time() - before < 1
