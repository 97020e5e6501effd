"""Running a setup: the one command of a gate that may have a network."""

from __future__ import annotations

from typing import Protocol

from tools.sandbox.runner import CommandResult, Network, Runner

OUTPUT_CHARACTERS = 24_000
_REFUSALS_TOLD = 10

_ALLOW = (
    "name the hosts of your package index in FOREMAN_ALLOWED_HOSTS of the node, or in "
    "sandbox.allowedHosts of the Agent"
)
_NO_NETWORK = f"a setup has no network here; {_ALLOW}"


class SettingUp(Protocol):
    """Brings about what a setup command would; *script* is the command as the gate runs it."""

    async def __call__(
        self, command: str, *, script: str, network: Network, timeout_seconds: float
    ) -> CommandResult: ...


async def in_place(
    runner: Runner, script: str, *, network: Network, timeout_seconds: float
) -> CommandResult:
    """A setup run in the work tree, where it has a network."""
    if network == "none":
        return CommandResult(None, could_not_run=_NO_NETWORK)
    return await runner.run(
        script, timeout_seconds=timeout_seconds, network=network, output_limit=OUTPUT_CHARACTERS
    )


def refusals(result: CommandResult) -> str:
    """Last, since the end of a long output is kept: which hosts were asked for and not allowed."""
    refused = [visit for visit in result.visits if not visit.allowed]
    if not refused:
        return ""
    told = [f"  {visit}" for visit in refused[:_REFUSALS_TOLD]]
    if len(refused) > _REFUSALS_TOLD:
        told.append(f"  and {len(refused) - _REFUSALS_TOLD} more")
    return "\n".join(["[the network refused", *told, f"  {_ALLOW}]"])
