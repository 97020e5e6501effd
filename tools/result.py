"""The result envelope `foreman.v1`: one model for the language model, the CRD and the review.

`extra` is one flat typed model under upstream's keys. Wherever the harness overrides a claim, the
claim stays in the sibling `…Claimed` key.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tools.wire import OpenWire, Wire

Verdict = Literal["GO", "NO-GO", "INCOMPLETE", "GATE-PASS", "GATE-FAIL", "GATE-ERROR", "Skipped"]
FailureReason = Literal[
    "AgentNotFound",
    "InferenceServiceUnavailable",
    "AuthUnavailable",
    "GitRemoteNotConfigured",
    "CloneFailed",
    "ModelMisunderstood",
    "ToolFailed",
    "MaxTurnsExhausted",
    "ConstraintViolated",
    "Timeout",
    "InfrastructureError",
    "GateFailed",
    "GateError",
    "ModelReportedError",
]
Outcome = Literal[
    "MODEL-DECIDED",
    "NO-CHANGES",
    "COMMIT-REJECTED",
    "PUSH-FAILED",
    "LOOP-INCOMPLETE",
    "LOOP-BUDGET-EXHAUSTED",
    "EXECUTOR-PRECONDITION-FAILED",
    "CODER-GATE-FAILED",
    "ALREADY-RESOLVED",
    "NEEDS-VERIFICATION",
    "UNGROUNDED",
    "CANCELLED",
]
WorkClass = Literal["code-fix", "docs", "packaging", "config", "ci-policy", "release-policy"]
Severity = Literal["blocker", "major", "minor"]
Area = Literal[
    "scope",
    "style",
    "tests",
    "side-effects",
    "docs",
    "regression",
    "doc-consistency",
    "constants",
    "test-prod-fidelity",
    "wired-up",
    "other",
]


class Finding(Wire):
    """What a reviewer objects to; *line* is 1-based, on the new side unless the file is gone."""

    severity: Severity
    area: Area
    message: str
    file: str | None = None
    line: Annotated[int, Field(ge=0)] | None = None
    suggestion: str | None = None


class Evidence(Wire):
    """A coder's proof for a number or fact: *source* is `path:line`."""

    claim: str
    source: str


class Unverified(Wire):
    """What a human has to check before the work can go on."""

    fact: str
    why_it_matters: str = ""
    how_to_verify: str = ""


class GateCommand(Wire):
    """One command of a gate as it ran; *exit_code* is None when it could not run."""

    name: Literal["setup", "format", "lint", "hooks", "build", "test", "codegenCheck"]
    command: str
    exit_code: int | None = None
    seconds: float = 0.0
    output: str = ""


class CheckRun(Wire):
    """What one coder check said of a change. Only *failed* of tier `block` turns work back."""

    check: str
    tier: Literal["block", "advisory"]
    outcome: Literal["passed", "failed", "waived", "could not run", "switched off"]
    detail: str = ""

    @property
    def refuses(self) -> bool:
        return self.tier == "block" and self.outcome == "failed"


class Advisory(Wire):
    """What an advisory check wants a reviewer to look at."""

    check: str
    detail: str = ""


class Ruling(Wire):
    """What one rail decided, for the table in the review.

    `kept`: the claim stands. `overridden`: the value was replaced by what was found.
    `demoted`: the verdict changed. `annotated`: marked, verdict unchanged.
    `could not run`: *reason* says why.
    """

    rail: str
    ruling: Literal["kept", "overridden", "demoted", "annotated", "could not run"]
    claimed: str = ""
    found: str = ""
    reason: str = ""


class TranscriptRef(Wire):
    kind: Literal["ConfigMap"] = "ConfigMap"
    namespace: str
    name: str


class Tokens(Wire):
    """Tokens of a run; *estimated* where a server sent no usage."""

    prompt: int = 0
    completion: int = 0
    estimated: bool = False


class Extra(OpenWire):
    """Everything beside verdict and summary. Keys are upstream's; ours are added."""

    # how the run ended
    outcome: Outcome | None = None
    reason: str | None = None
    error: str | None = None
    turn_count: int | None = None
    tokens: Tokens | None = None
    transcript_ref: TranscriptRef | None = None
    execution_mode: str | None = None  # which sandbox ran the commands
    token_source: str | None = None  # where the node's GitHub token came from

    # what the coder said and what landed
    branch: str | None = None
    intended_branch: str | None = None
    commit_sha: str | None = None
    commit_message: str | None = None
    model_summary: str | None = None
    evidence: list[Evidence] | None = None
    resolved_by: str | None = None  # a commit of the base, once the harness has found it
    resolved_by_claimed: str | None = None
    unverified: list[Unverified] | None = None
    pull_request_url: Annotated[str | None, Field(alias="pullRequestURL")] = None
    pull_request_error: str | None = None
    gate_attempts: int | None = None
    gate_output: str | None = None
    gate_failed_branch: str | None = None
    checks: list[CheckRun] | None = None
    gate_advisories: list[Advisory] | None = None
    work_class: Literal[WorkClass, "mixed"] | None = None
    no_functional_change: bool | None = None
    summary_claimed: str | None = None
    summary_unverified_claims: list[str] | None = None

    # what a gate found
    deterministic: bool | None = None
    dispatched_tool: str | None = None
    gate: list[GateCommand] | None = None
    gate_profile: str | None = None
    log_tail: str | None = None

    # what the reviewer said and what the rails found
    review_outcome: Literal["APPROVE", "REQUEST-CHANGES", "REJECT"] | None = None
    findings: list[Finding] | None = None
    files_touched: list[str] | None = None
    files_touched_claimed: list[str] | None = None
    issue_ask: str | None = None
    issue_ask_claimed: str | None = None
    issue_ask_verified: bool | None = None
    issue_ask_method: Literal["quote", "semantic", "rewritten"] | None = None
    verdict_demoted: bool | None = None
    verdict_claimed: Verdict | None = None
    demotion_reason: str | None = None
    empty_claim_reason: str | None = None
    unseen_files: list[str] | None = None  # of the diff, what no tool call showed the reviewer
    scope_refs: list[str] | None = None
    scope_matched: list[str] | None = None
    scope_matched_via_content: list[str] | None = None
    scope_drift_detected: bool | None = None
    scope_drift_not_demoted: Literal["diff-has-no-source-file", "verdict-already-non-go"] | None = (
        None
    )
    scope_vouched: bool | None = None
    ungrounded_findings: list[Finding] | None = None  # those of `findings` that do not block
    grounded_finding_reason: str | None = None
    verdict_from_findings_reason: str | None = None
    rails_run: list[str] | None = None
    rails_skipped: list[str] | None = None
    rulings: list[Ruling] | None = None
    pr_body: str | None = None
    on_trust: str | None = None
    tests_added: bool | None = None

    # a freeform agent's text answer
    output: str | None = None


class Result(Wire):
    """`status.result`: the envelope every run ends in."""

    schema_version: Literal["foreman.v1"] = "foreman.v1"
    kind: Literal["native-agent-loop", "deterministic", "stub"] = "native-agent-loop"
    verdict: Verdict
    failure_reason: FailureReason | None = None
    summary: str = ""
    extra: Extra = Field(default_factory=Extra)
    elapsed_sec: float = 0.0

    def wire(self) -> dict[str, Any]:
        return super().wire()


ON_TARGET: frozenset[Verdict] = frozenset({"GO", "GATE-PASS"})
