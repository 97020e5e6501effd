"""The order of the coder checks. A check that is not named here is not asked."""

from __future__ import annotations

from loop.gates.check import Check, CommandCheck

CHECKS: tuple[Check, ...] = ()

COMMAND_CHECKS: tuple[CommandCheck, ...] = ()
