"""The repository map: files ranked by what a text names, with what they define. Pure.

A file is worth what its own path and definitions share with the text, and a part of what the files
are worth that it uses or that use it. Words of the text count the less the more files have them.
There is no rank below which a file is out: whoever asks reads the share of a score.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from loop.cleaning import clean
from loop.languages.naming import parts, stem
from loop.languages.outline import Definition
from loop.survey import Survey

TOKENS = 4096
_CHARACTERS_PER_TOKEN = 3  # of paths and names; prose has four
_PATH, _NAME, _PLACE, _PART = 40.0, 12.0, 4.0, 2.0  # what a hit is worth
_PASSED_ON = 0.3
_ROUNDS = 2
_COMMON = 0.3  # a word in this share of the files tells nothing
_COMMON_FILES = 12  # but so few may share one, if they are not most of a small repository
_SHOWN = 14  # definitions of a file
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATHLIKE = re.compile(r"[\w.@~+-]*(?:/[\w.@~+-]+)+|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]\w{0,9}")
_QUOTED = re.compile(r"`([^`\n]+)`|```.*?```", re.DOTALL)
_DULL = frozenset(
    _WORD.findall("""a able about above add added adding adds after again all allow already also always an and any
    are as at be because been before being below between both bug but by call called calls can case
    change changed changes check code com correct could current currently describe did do does doing
    done each either error errors etc even every example expected fail failed fails false feature
    file files find first fix fixed fixes following for from function get gets give given go good
    had has have help here how however http https if implement in include instead int into is issue
    it its just keep kind know last later let like line list long look main make makes many may
    method might missing more most must name need needed needs never new no none not nothing now
    null number object of old on once one only open option or other our out over please pr problem
    project pull put reproduce request return returns run same see self set should show since so
    some src steps still str string such support sure test tests than that the their them then there
    these they thing this those through time to too true try two type under until up update us use
    used user users uses using value values very via want was way we well were what when where which
    while who why will with without word work works would write wrong yes yet you your""")
)


@dataclass(frozen=True)
class Named:
    """What a text names: words in any case, identifiers as they are written, paths."""

    words: frozenset[str]
    identifiers: frozenset[str]
    paths: frozenset[str]


@dataclass(frozen=True)
class Ranking:
    """*own* is what a file shares with the text, *scores* that and what its neighbours pass on.

    *anchors* are the files that the text names by path or by an identifier that is defined there.
    """

    scores: Mapping[str, float]
    own: Mapping[str, float]
    anchors: frozenset[str]
    words: frozenset[str]  # those that were found in the repository

    @cached_property
    def order(self) -> list[str]:
        return sorted(self.scores, key=lambda path: (-self.scores[path], path))


def named(text: str) -> Named:
    """What *text* names; ordinary words are left out."""
    code = " ".join(match[0] for match in _QUOTED.finditer(text))
    quoted = set(_WORD.findall(code))
    identifiers = {
        word
        for word in _WORD.findall(text)
        if len(word) > 2 and (word in quoted or "_" in word.strip("_") or _has_hump(word))
    }
    words = {part for word in _WORD.findall(text) for part in (word.lower(), *parts(word))}
    return Named(
        words=frozenset(word for word in words if len(word) > 2 and word not in _DULL),
        identifiers=frozenset(word for word in identifiers if word.lower() not in _DULL),
        paths=frozenset(match.strip(".").removeprefix("./") for match in _PATHLIKE.findall(text)),
    )


def rank(survey: Survey, text: str) -> Ranking:
    """The files of *survey* by what they have to do with *text*."""
    asked = named(text)
    asked_words = {stem(word) for word in asked.words}
    vocabulary = {path: _vocabulary(survey, path) for path in survey.paths}
    rarity = _rarity(vocabulary.values(), asked_words)
    own: dict[str, float] = {}
    anchors: set[str] = set()
    for path, (place, names) in vocabulary.items():
        score = _PLACE * sum(rarity[w] for w in place if w in rarity)
        score += _PART * sum(rarity[w] for w in names - place if w in rarity)
        exact = _defined(survey, path) & asked.identifiers
        is_named = any(_means(path, name) for name in asked.paths)
        if exact or is_named:
            anchors.add(path)
        score += _NAME * len(exact) + _PATH * is_named
        if score:
            own[path] = score
    found = frozenset(w for w in rarity if any(w in p or w in n for p, n in vocabulary.values()))
    return Ranking(_spread(own, survey.links), own, frozenset(anchors), found)


def render(survey: Survey, ranking: Ranking, *, tokens: int = TOKENS) -> str:
    """The map for a prompt: files in the order of *ranking* with what they define, then folders."""
    room = tokens * _CHARACTERS_PER_TOKEN
    rest = sorted(survey.paths - set(ranking.scores), key=lambda p: (p.count("/"), p))
    rest.sort(key=lambda path: -len(survey.links.get(path, ())))
    lines: list[str] = []
    shown: set[str] = set()
    folders = _folders(survey)
    room -= len(folders) + 200
    for path in [*ranking.order, *rest]:
        line = _line(survey, ranking, path)
        if room < len(line) + 1:
            break
        room -= len(line) + 1
        lines.append(line)
        shown.add(path)
    unread = f", {survey.unread} of them could not be parsed" if survey.unread else ""
    head = (
        f"{len(survey.paths)} files{unread}, {len(shown)} shown, most relevant to the issue first:"
    )
    left_out = len(survey.paths) - len(shown)
    tail = [f"Folders with their number of files: {folders}"] if left_out else []
    return "\n".join([head, *lines, *tail])


def _line(survey: Survey, ranking: Ranking, path: str) -> str:
    outline = survey.outlines.get(path)
    if outline is None:
        return _shown(path)
    chosen = sorted(outline.definitions, key=lambda d: (-_worth(d, ranking), d.start))[:_SHOWN]
    names = [f"{d.qualified}:{d.start}" for d in sorted(chosen, key=lambda d: d.start)]
    more = len(outline.definitions) - len(chosen)
    told = " ".join([*names, *([f"(+{more})"] if more else [])])
    return f"{_shown(path)}: {_shown(told)}" if told else _shown(path)


def _worth(definition: Definition, ranking: Ranking) -> float:
    hits = len(ranking.words.intersection(parts(definition.name)))
    return 4.0 * hits + 2.0 * definition.is_public + (definition.kind != "constant")


def _folders(survey: Survey) -> str:
    counts = Counter(posixpath.dirname(path).split("/", maxsplit=2)[0] for path in survey.paths)
    told = [f"{_shown(name) or '.'}/ {count}" for name, count in counts.most_common(30)]
    return ", ".join(told)


def _shown(name: str) -> str:
    """A name out of a repository, on one line and without signs that hide."""
    return re.sub(r"[\x00-\x1f\x7f]", "?", clean(name.encode("utf-8", "replace").decode()))[:300]


def _vocabulary(survey: Survey, path: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a file's path, and those of its definitions."""
    outline = survey.outlines.get(path)
    stems = posixpath.splitext(path)[0]
    return frozenset(parts(stems)), outline.words if outline else frozenset()


def _rarity(
    vocabulary: Iterable[tuple[frozenset[str], frozenset[str]]], asked: Iterable[str]
) -> dict[str, float]:
    """What each asked word is worth that some but not most files have."""
    files = list(vocabulary)
    wanted = set(asked)
    counts = Counter(w for place, names in files for w in (place | names) & wanted)
    most = max(_COMMON * len(files), min(_COMMON_FILES, max(len(files) / 2, 1)))
    return {
        word: math.log(1 + len(files) / count) for word, count in counts.items() if count <= most
    }


def _defined(survey: Survey, path: str) -> set[str]:
    outline = survey.outlines.get(path)
    return {d.name for d in outline.definitions} if outline else set()


def _means(path: str, name: str) -> bool:
    return f"/{path}".endswith(f"/{name.lstrip('/')}")


def _spread(own: Mapping[str, float], near: Mapping[str, frozenset[str]]) -> dict[str, float]:
    """Each file passes a part of its worth on to its neighbours, in equal shares."""
    scores = dict(own)
    given = dict(own)
    for _ in range(_ROUNDS):
        arrived: dict[str, float] = {}
        for path, score in given.items():
            others = near.get(path, frozenset())
            for other in others:
                arrived[other] = arrived.get(other, 0.0) + _PASSED_ON * score / len(others)
        for path, score in arrived.items():
            scores[path] = scores.get(path, 0.0) + score
        given = arrived
    return scores


def _has_hump(word: str) -> bool:
    return any(c.isupper() for c in word[1:]) and any(c.islower() for c in word)
