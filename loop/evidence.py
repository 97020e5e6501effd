"""What the rails judge by, `foreman.evidence.v1`: one small record per task.

Gathered by the harness, bounded and redacted (`sealed`), and only then judged: so a rail that runs
again on the stored record, after a force-push or with a cut transcript, rules the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from loop.encoding import dump
from loop.errors import EvidenceError
from loop.repo.diff import FileChange, Status
from loop.snapshot import Snapshot
from loop.sources import Kind
from loop.task import CallRecord
from tools.result import Extra, GateCommand, Verdict
from tools.wire import Wire

SIZE_LIMIT = 512 * 1024  # bytes; half of what a ConfigMap holds
FILES_KEPT = 2000
HUNKS_KEPT = 5000  # of all files
OUTPUT_KEPT = 8 * 1024  # characters of a gate command's output, its end
TEXT_KEPT = 64 * 1024  # characters of an issue's body or a summary; GitHub allows no more

FileStatus = Literal["added", "modified", "deleted", "renamed", "copied", "typeChanged"]
_STATUS: Mapping[Status, FileStatus] = {
    "A": "added",
    "M": "modified",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
    "T": "typeChanged",
}


class Hunk(Wire):
    """Where lines went and came. A count of 0 puts the start before the place, as in git."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int


class ChangedFile(Wire):
    """One file of the diff; *old_path* only for renames and copies."""

    path: str
    old_path: str | None = None
    status: FileStatus
    added: int = 0
    removed: int = 0
    hunks: list[Hunk] = Field(default_factory=list)
    hunks_omitted: int = 0
    binary: bool = False


class ShownLines(Wire):
    """Lines *start* to *end*, 1-based and inclusive; *side* None: of the file as it is now."""

    path: str
    start: int
    end: int
    side: Literal["old"] | None = None


class Call(Wire):
    """A tool call that the model really made, and what its answer showed."""

    turn: int
    tool: str
    succeeded: bool
    shown: list[ShownLines] = Field(default_factory=list)
    shown_omitted: int = 0
    edited: bool = False


class Covers(Wire):
    """What a test is a test of: by its name and place, and by what it imports and uses.

    Of imports only files that are changed or named.
    """

    by_name: list[str] = Field(default_factory=list)
    by_import: list[str] = Field(default_factory=list)


class Claims(Wire):
    """What the model handed in, word for word."""

    verdict: Verdict
    summary: str = ""
    commit_message: str = ""
    extra: Extra = Field(default_factory=Extra)


class Ask(Wire):
    """What was asked for: an issue as of the trigger, or a pull request's own words."""

    source: Literal["issue", "pull request"] = "issue"
    number: int | None = None  # None: asked in words of the operator
    title: str = ""
    body: str = ""
    snapshot: str = ""  # the ConfigMap it was read from; "" where it was not kept


class Surroundings(Wire):
    """What of the repository the rails need beside the diff; all paths are whole.

    *kinds* are of the changed files and of those in *named*; *tests* of the tests among them.
    """

    kinds: dict[str, Kind] = Field(default_factory=dict)
    tests: dict[str, Covers] = Field(default_factory=dict)
    named: list[str] = Field(default_factory=list)
    """Files that the ask names, and folders, which end in a slash; before or after the change."""
    extensions: list[str] = Field(default_factory=list)
    """Of the source files of the repository, and those that its gate profile adds."""
    identifiers: list[str] = Field(default_factory=list)
    """Names in code that the ask mentions and that changed lines hold."""
    omitted: int = 0  # entries


class Record(Wire):
    """The evidence of one task. *files* is None where there is no diff; *fault* says why."""

    schema_version: Literal["foreman.evidence.v1"] = "foreman.evidence.v1"
    repository: str = ""
    base_sha: str = ""
    head_sha: str = ""
    files: list[ChangedFile] | None = None
    files_omitted: int = 0
    fault: str = ""
    calls: list[Call] = Field(default_factory=list)
    calls_omitted: int = 0
    gate: list[GateCommand] = Field(default_factory=list)
    ask: Ask | None = None  # None: nobody wrote down what is asked
    surroundings: Surroundings | None = None  # None: not gathered
    claims: Claims

    def text(self) -> str:
        """The record as stored in its ConfigMap."""
        return dump(self.wire()).decode()


def read_record(text: str) -> Record:
    """A stored record. Raises `EvidenceError`."""
    try:
        return Record.model_validate_json(text)
    except ValidationError as exc:
        raise EvidenceError(f"evidence: not a record of foreman.evidence.v1: {exc}") from exc


def sealed(record: Record, redact: Callable[[Any], Any], *, limit: int = SIZE_LIMIT) -> Record:
    """*record* bounded and without secrets: what is judged and stored. *redact* takes JSON values.

    What had to be left out is counted; the rails then say that they could not run.
    """
    bounded = _bounded(record, files=FILES_KEPT, hunks=HUNKS_KEPT, text=TEXT_KEPT)
    clean = Record.model_validate(redact(bounded.wire()))
    if len(clean.text().encode()) > limit:
        clean = clean.replace(calls=_of_the_change(clean))
    files, hunks, text = FILES_KEPT, HUNKS_KEPT, TEXT_KEPT
    while len(clean.text().encode()) > limit and text > 64:
        files, hunks, text = max(1, files // 2), max(1, hunks // 2), text // 2
        clean = _bounded(clean, files=files, hunks=hunks, text=text)
    return clean


def changed_files(changes: Iterable[FileChange]) -> list[ChangedFile]:
    """A diff as the record keeps it: places, no content."""
    return [
        ChangedFile(
            path=printable(change.path),
            old_path=printable(change.old_path) if change.old_path != change.path else None,
            status=_STATUS[change.status],
            added=change.added_lines,
            removed=change.removed_lines,
            hunks=[
                Hunk(
                    old_start=hunk.old_start,
                    old_count=hunk.old_count,
                    new_start=hunk.new_start,
                    new_count=hunk.new_count,
                )
                for hunk in change.hunks
            ],
            binary=change.binary,
        )
        for change in changes
    ]


def calls_made(records: Iterable[CallRecord]) -> list[Call]:
    return [
        Call(
            turn=record.turn,
            tool=record.tool,
            succeeded=record.succeeded,
            shown=[
                ShownLines(
                    path=printable(s.path),
                    start=s.start,
                    end=s.end,
                    side="old" if s.old else None,
                )
                for s in record.shown
            ],
            edited=record.edited,
        )
        for record in records
    ]


def ask_of(snapshot: Snapshot, name: str = "") -> Ask:
    """*name* is the ConfigMap that *snapshot* was read from."""
    return Ask(number=snapshot.number, title=snapshot.title, body=snapshot.body, snapshot=name)


def printable(path: str) -> str:
    """*path* as JSON can hold it; bytes of a name that are no UTF-8 are marked."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _bounded(record: Record, *, files: int, hunks: int, text: int) -> Record:
    kept = record.files
    omitted = 0
    if kept is not None:
        omitted = max(0, len(kept) - files)
        kept = _few_hunks(kept[:files], hunks)
    claims = record.claims
    return record.replace(
        files=kept,
        files_omitted=record.files_omitted + omitted,
        calls=[_few_shown(call, hunks) for call in record.calls[-files:]],
        calls_omitted=record.calls_omitted + max(0, len(record.calls) - files),
        gate=[run.replace(output=run.output[-min(text, OUTPUT_KEPT) :]) for run in record.gate],
        ask=record.ask.replace(body=record.ask.body[:text]) if record.ask else None,
        surroundings=_few_around(record.surroundings, files) if record.surroundings else None,
        claims=claims.replace(
            summary=claims.summary[:text],
            commit_message=claims.commit_message[:text],
            extra=Extra.model_validate(_cut(claims.extra.wire(), text=text, items=files)),
        ),
    )


def _of_the_change(record: Record) -> list[Call]:
    """The calls with what they showed of the change for the first time: the rest weighs nothing."""
    changed = {path for f in record.files or [] for path in (f.path, f.old_path) if path}
    known: set[tuple[str, int, int, str | None]] = set()
    calls = []
    for call in record.calls:
        fresh = {
            (s.path, s.start, s.end, s.side): s
            for s in call.shown
            if s.path in changed and (s.path, s.start, s.end, s.side) not in known
        }
        known.update(fresh)
        calls.append(call.replace(shown=list(fresh.values())))
    return calls


def _few_shown(call: Call, most: int) -> Call:
    omitted = max(0, len(call.shown) - most)
    return call.replace(shown=call.shown[:most], shown_omitted=call.shown_omitted + omitted)


def _few_around(found: Surroundings, most: int) -> Surroundings:
    """*found* with at most *most* entries of each sort."""
    kept: dict[str, Any] = {}
    omitted = 0
    for name in ("kinds", "tests", "named", "extensions", "identifiers"):
        entries = getattr(found, name)
        omitted += max(0, len(entries) - most)
        few = list(entries.items() if isinstance(entries, dict) else entries)[:most]
        kept[name] = dict(few) if isinstance(entries, dict) else few
    return found.replace(**kept, omitted=found.omitted + omitted)


def _few_hunks(files: list[ChangedFile], left: int) -> list[ChangedFile]:
    """*files* with at most *left* hunks among them."""
    kept = []
    for file in files:
        omitted = max(0, len(file.hunks) - left)
        if omitted:
            count = file.hunks_omitted + omitted
            file = file.replace(hunks=file.hunks[:left], hunks_omitted=count)  # noqa: PLW2901
        left -= len(file.hunks)
        kept.append(file)
    return kept


def _cut(value: Any, *, text: int, items: int) -> Any:
    match value:
        case str():
            return value[:text]
        case dict():
            return {key[:text]: _cut(item, text=text, items=items) for key, item in value.items()}
        case list():
            return [_cut(item, text=text, items=items) for item in value[:items]]
        case _:
            return value
