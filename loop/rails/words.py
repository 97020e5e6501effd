"""What a text is about, in any language: its keywords, and its letters without the markup. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files

# Scripts that put no space between words. Hangul does, but glues particles to them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_GRAM = 3

_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")
_LINE_MARK = re.compile(
    r"^[ \t>]*(?:#{1,6}(?=\s)|[-+*](?=\s)|\d{1,3}[.)](?=\s))?[ \t]*(?:\[[ xX]\])?", re.MULTILINE
)
_MARKS = re.compile(r"[*`~#|\\\[\]<>]|(?<![^\W_])_|_(?![^\W_])")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_ADDRESS = re.compile(r"\bhttps?://\S+")

# English, German, French, Spanish, Portuguese, Italian, Dutch, Russian.
_STOP = frozenset((files(__package__) / "stopwords.txt").read_text(encoding="utf-8").split())


def folded(text: str) -> str:
    """*text* with case, whitespace and markdown marks taken out of the comparison."""
    text = _LINE_MARK.sub("", _LINK.sub(r"\1", text))
    text = _MARKS.sub("", text).replace("\u2026", "...").replace("\u2019", "'")
    text = re.sub("[\u201c\u201d\u201e\u00ab\u00bb]", '"', text)
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def prose(text: str) -> str:
    """*text* without fenced blocks and addresses: what was written to be read."""
    return _ADDRESS.sub(" ", "\n".join(line for line, is_code in marked_lines(text) if not is_code))


def marked_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line of *text*, and whether it belongs to a fenced block, its fences included."""
    fence = ""
    for line in text.splitlines():
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
            yield line, True
        elif found and fence and found[1].startswith(fence) and not line.strip(" \t`~"):
            fence = ""
            yield line, True
        else:
            yield line, bool(fence)


def keywords(text: str, *, words: int = 1_000_000, grams: int = 1_000_000) -> list[str]:
    """The distinct keywords of *text*, folded, in order: at most so many words and so many grams.

    Words are Unicode's; of scripts without spaces, all runs of three characters. Stop words, words of
    two letters or fewer and bare numbers say nothing.
    """
    found: dict[str, bool] = {}
    for run in _RUN.findall(folded(text)):
        if _unspaced(run):
            for gram in _grams(run):
                found.setdefault(gram, True)
        elif len(run) > 2 and run not in _STOP and not run.isdecimal():
            found.setdefault(run, False)
    kept, left = [], {True: grams, False: words}
    for keyword, is_gram in found.items():
        if left[is_gram] > 0:
            left[is_gram] -= 1
            kept.append(keyword)
    return kept


def _unspaced(run: str) -> bool:
    return re.match(f"[{_UNSPACED}]", run) is not None


def _grams(run: str) -> list[str]:
    if len(run) < _GRAM:
        return [run] if len(run) > 1 else []
    return [run[at : at + _GRAM] for at in range(len(run) - _GRAM + 1)]
