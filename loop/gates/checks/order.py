"""The order of the coder checks. A check that is not named here is not asked."""

from __future__ import annotations

from loop.gates.bite import bite
from loop.gates.check import Check, CommandCheck
from loop.gates.checks import (
    claim_evidence,
    embedded_artifacts,
    issue_example,
    test_dilution,
)

CHECKS: tuple[Check, ...] = (
    claim_evidence.CHECK,
    embedded_artifacts.CHECK,
    test_dilution.CHECK,
    issue_example.CHECK,
)

COMMAND_CHECKS: tuple[CommandCheck, ...] = (CommandCheck("bite", "block", bite),)
