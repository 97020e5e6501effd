"""The agent that does a job, as values: what it is told, what it may do, what it may spend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tools.sandbox.runner import Limits, Network


@dataclass(frozen=True)
class Persona:
    """An Agent resource without its cluster. Seconds and tokens are upper bounds."""

    name: str
    role: Literal["coder", "verifier", "reviewer", "planner"]
    system_prompt: str
    tools: tuple[str, ...]
    model_name: str = ""  # "" for a deterministic agent
    max_turns: int = 50
    max_retries: int = 3
    max_tokens: int | None = None  # None: no token budget
    seconds: float = 3600.0
    context_tokens: int = 32768
    compact_at_percent: int = 85
    bash_seconds: float = 30.0
    limits: Limits = field(default_factory=Limits)  # of what its commands use
    network: Network = "none"  # of what its model runs
