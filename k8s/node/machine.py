"""What this machine offers: detected once, stated by flags where detection cannot know."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from k8s.resources.fleet import Capability

Accelerator = Literal["metal", "cuda", "vulkan", "none"]
_GIB = 1024**3


@dataclass(frozen=True)
class Stated:
    """What the operator says about the machine; None or empty: detect, or nothing."""

    accelerator: Accelerator | None = None
    installed_models: tuple[str, ...] = ()
    max_context_tokens: int = 0
    tokens_per_second: int = 0
    total_ram_gb: int = 0


def capability(stated: Stated) -> Capability:
    total, available = memory_gb()
    return Capability(
        accelerator=stated.accelerator or accelerator(),
        total_ram_gb=stated.total_ram_gb or total,
        available_ram_gb=min(available, stated.total_ram_gb) if stated.total_ram_gb else available,
        installed_models=list(stated.installed_models),
        max_context_tokens=stated.max_context_tokens,
        tokens_per_second=stated.tokens_per_second,
    )


def accelerator() -> Accelerator:
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return "metal"
    return "cuda" if shutil.which("nvidia-smi") else "none"


def memory_gb() -> tuple[int, int]:
    """(total, available) in GiB, rounded down."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return total // _GIB, total // _GIB
    lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    return total // _GIB, int(lines["MemAvailable"].split()[0]) * 1024 // _GIB
