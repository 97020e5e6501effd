"""The order of the coder checks. A check that is not named here is not asked."""

from __future__ import annotations

from loop.gates.bite import bite
from loop.gates.check import Check, CommandCheck
from loop.gates.checks import (
    caller_impact,
    claim_evidence,
    embedded_artifacts,
    issue_example,
    no_functional_change,
    scope_overlap,
    test_dilution,
    test_presence,
)

CHECKS: tuple[Check, ...] = (
    scope_overlap.CHECK,
    test_presence.CHECK,
    claim_evidence.CHECK,
    embedded_artifacts.CHECK,
    test_dilution.CHECK,
    caller_impact.CHECK,
    issue_example.CHECK,
    no_functional_change.CHECK,
)

COMMAND_CHECKS: tuple[CommandCheck, ...] = (CommandCheck("bite", "block", bite),)
