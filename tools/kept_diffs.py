"""Diffs that a command wrote to a file, to be read from there page by page.

What reads such a file is taken for the diff itself, so that whoever looks that way has looked. A
command that may have changed the file ends that.
"""

from __future__ import annotations

import re
import shlex

_APART = re.compile(r"(&&|;|\n)")
_QUIET = re.compile(r"\s*2>(?:&1|\s*/dev/null)(?=\s|$|[|;&])")
_KEEPS = re.compile(r"(git (?:--no-pager |-P )?diff\b[^|&<>`$]*?)\s*>\s*([\w./-]+)")
_WHOLE = frozenset({"cat", "less"})
_PARTS = frozenset({"head", "sed", "tail"})
_HARMLESS = frozenset({"grep", "ls", "rg", "wc"})


class KeptDiffs:
    """Which file holds which diff, of the commands of one run."""

    def __init__(self) -> None:
        self._diffs: dict[str, str] = {}

    def rewritten(self, command: str) -> str:
        """*command* as if it asked git where it reads a file that holds a diff."""
        pieces = _APART.split(_QUIET.sub("", command))
        return "".join(
            piece if _APART.fullmatch(piece) else self._statement(piece) for piece in pieces
        )

    def _statement(self, text: str) -> str:
        if kept := _KEEPS.fullmatch(text.strip()):
            self._diffs[kept[2]] = kept[1]
            return "true"
        for file in [file for file in self._diffs if file in text]:
            read = self._read(text, file)
            if read is None:
                del self._diffs[file]
            else:
                return read
        return text

    def _read(self, text: str, file: str) -> str | None:
        """*text* with the diff in the place of *file*; None where it may have changed *file*."""
        head, bar, rest = text.partition("|")
        try:
            words = shlex.split(head)
        except ValueError:
            return None
        looks = bool(words) and words[0] in _WHOLE | _PARTS | _HARMLESS
        if not looks or file in rest or re.search("[<>`$]", text):
            return None
        if words[0] == "sed" and words[1:2] != ["-n"]:
            return None
        if words[0] in _HARMLESS or words[-1] != file or words.count(file) != 1:
            return text
        if words[0] in _WHOLE:
            return f" {self._diffs[file]} {bar}{rest}" if len(words) == 2 else text
        return f" {self._diffs[file]} | {shlex.join(words[:-1])} {bar}{rest}"
