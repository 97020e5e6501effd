"""What a model hands in at the end of a run: one model per role, which is also its JSON schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from tools.errors import ToolError
from tools.findings import findings
from tools.parameters import Parameters, explained, schema
from tools.result import Evidence, Extra, Finding, Unverified
from tools.wire import Wire

Role = Literal["coder", "reviewer", "other"]
_SUMMARY_BYTES = 280


class Submission(Wire):
    """What was handed in, once its shape was found right."""

    verdict: Literal["GO", "NO-GO", "ERROR"]
    summary: str
    commit_message: str = ""
    extra: Extra = Field(default_factory=Extra)


class _RoleExtra(Wire):
    """Fields of `Extra` that a role fills; the docstrings and descriptions are for the model."""


class CoderExtra(_RoleExtra):
    """What the harness needs besides; empty for an ordinary GO."""

    outcome: Annotated[
        Literal["ALREADY-RESOLVED", "NEEDS-VERIFICATION"] | None,
        Field(description="Only with NO-GO: why there is nothing to commit"),
    ] = None
    resolved_by: Annotated[
        str | None,
        Field(
            description="With ALREADY-RESOLVED: the commit, merged branch or pull request that did"
            " it; it is looked up on the base branch and has to mention the issue"
        ),
    ] = None
    unverified: Annotated[
        list[Unverified] | None,
        Field(description="With NEEDS-VERIFICATION: what a human has to check"),
    ] = None
    evidence: Annotated[
        list[Evidence] | None,
        Field(description="For each number or fact you wrote down: its proof as path:line"),
    ] = None

    @model_validator(mode="after")
    def _complete(self) -> CoderExtra:
        if self.outcome == "ALREADY-RESOLVED" and not self.resolved_by:
            raise ValueError("ALREADY-RESOLVED needs resolvedBy, the commit or branch that did it")
        if self.outcome == "NEEDS-VERIFICATION" and not self.unverified:
            raise ValueError("NEEDS-VERIFICATION needs unverified, the facts a human has to check")
        return self


class ReviewerExtra(_RoleExtra):
    """The review."""

    review_outcome: Annotated[
        Literal["APPROVE", "REQUEST-CHANGES", "REJECT"] | None,
        Field(description="APPROVE with GO; REJECT means that another round would not help"),
    ] = None
    findings: Annotated[
        list[Finding],
        Field(description="What is wrong; a blocking one names a file and a line of the diff"),
    ] = Field(default_factory=list)
    issue_ask: Annotated[
        str | None, Field(description="What the issue asks for, in its own words, copied")
    ] = None
    files_touched: Annotated[list[str] | None, Field(description="Paths that the diff changes")] = (
        None
    )
    tests_added: bool | None = None
    on_trust: Annotated[str | None, Field(description="What you believed without checking it")] = (
        None
    )
    pr_body: Annotated[str | None, Field(description="With APPROVE: text for the pull request")] = (
        None
    )


class OtherExtra(_RoleExtra):
    """Anything to hand over."""

    output: Annotated[str | None, Field(description="The answer, if it is a text")] = None


class _HandIn(Parameters):
    verdict: Annotated[
        Literal["GO", "NO-GO", "ERROR"],
        Field(description="GO: done; NO-GO: declined, see summary; ERROR: could not be done"),
    ]
    summary: Annotated[str, Field(min_length=1, description="One or two sentences, 280 bytes")]

    @field_validator("verdict", mode="before")
    @classmethod
    def _spelled(cls, value: Any) -> Any:
        if isinstance(value, str):
            word = value.strip().upper().replace("_", "-").replace(" ", "-")
            return "NO-GO" if word == "NOGO" else word
        return value


class CoderHandIn(_HandIn):
    commit_message: Annotated[
        str, Field(description="With GO: a subject of at most 72 characters, blank line, the why")
    ]
    extra: CoderExtra = Field(default_factory=CoderExtra)

    @model_validator(mode="after")
    def _complete(self) -> CoderHandIn:
        if self.verdict == "GO" and not self.commit_message.strip():
            raise ValueError("commit_message: empty; a GO needs one that says what was done")
        if self.verdict == "GO" and self.extra.outcome is not None:
            raise ValueError(f"extra.outcome: {self.extra.outcome} goes with NO-GO, not with GO")
        return self


class ReviewerHandIn(_HandIn):
    extra: ReviewerExtra


class OtherHandIn(_HandIn):
    extra: OtherExtra = Field(default_factory=OtherExtra)


_MODELS: dict[Role, type[_HandIn]] = {
    "coder": CoderHandIn,
    "reviewer": ReviewerHandIn,
    "other": OtherHandIn,
}


def hand_in_schema(role: Role) -> dict[str, Any]:
    """The parameters of `submit_result` for *role*."""
    return schema(_MODELS[role])


def submission(role: Role, arguments: dict[str, Any], *, forgiving: bool) -> Submission:
    """*arguments* as a submission. Raises ToolError that says precisely what is wrong.

    *forgiving*: findings lose fields that cannot be read instead.
    """
    model: type[BaseModel] = _MODELS[role]
    lost: list[str] = []
    extra = arguments.get("extra")
    if role == "reviewer" and isinstance(extra, dict) and "findings" in extra:
        read, lost = findings(extra["findings"])
        arguments = {**arguments, "extra": {**extra, "findings": read}}
    faults = [] if forgiving else [f"extra.{fault}" for fault in lost]
    try:
        handed = model.model_validate(arguments)
    except ValidationError as exc:
        raise ToolError(
            "; ".join([_hint(role, arguments) + explained(exc, schema(model)), *faults])
        ) from exc
    if faults:
        raise ToolError("; ".join(faults))
    assert isinstance(handed, _HandIn)
    fields: _RoleExtra = getattr(handed, "extra")  # noqa: B009 - of each role's own type
    return Submission(
        verdict=handed.verdict,
        summary=shortened(handed.summary),
        commit_message=getattr(handed, "commit_message", "").strip(),
        extra=Extra.model_validate(fields.wire()),
    )


def _hint(role: Role, arguments: dict[str, Any]) -> str:
    """A word on fields that stand one level too high, the commonest mistake."""
    inner = hand_in_schema(role)["properties"]["extra"]["properties"]
    misplaced = [key for key in arguments if key in inner]
    return f"{', '.join(misplaced)} belong inside extra; " if misplaced else ""


def shortened(text: str) -> str:
    """At most 280 bytes: cut behind a sentence where that keeps 60 %, else behind a character."""
    text = text.strip()
    data = text.encode(errors="replace")
    if len(data) <= _SUMMARY_BYTES:
        return data.decode()
    head = data[:_SUMMARY_BYTES].decode(errors="ignore")
    end = max(head.rfind(mark) for mark in (". ", "! ", "? ", ".\n", "。")) + 1
    if len(head[:end].encode()) >= _SUMMARY_BYTES * 0.6:
        return head[:end]
    return data[: _SUMMARY_BYTES - 3].decode(errors="ignore") + "…"
