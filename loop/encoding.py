"""JSON that a strict server accepts, from whatever models and tools produce."""

from __future__ import annotations

import json
from typing import Any

import orjson


def dump(value: Any) -> bytes:
    """*value* as JSON in UTF-8. Broken text is replaced, unknown types become their words."""
    try:
        return orjson.dumps(value, default=str)
    except TypeError:  # half a surrogate pair, a key that is no string, more than 64 bits
        text = json.dumps(value, default=str, ensure_ascii=False)
        return clean(text).encode()


def clean(text: str) -> str:
    """*text* without lone surrogates; pairs that a stream tore apart are joined again."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
