"""The words that names are made of. Pure."""

from __future__ import annotations

import re

_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def parts(name: str) -> list[str]:
    """The words in an identifier or a path, in lower case and the singular."""
    return [stem(part.lower()) for part in _HUMP.findall(name)]


def stem(word: str) -> str:
    """*word* without an English plural, so that `discounts` finds `discount`."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
