"""The sandbox that works here, and what must not be visible in it."""

from __future__ import annotations

import functools
import os
import shutil

import pytest


@functools.cache
def missing_bubblewrap() -> str:
    return "" if shutil.which("bwrap") else "bwrap: not found; apt-get install bubblewrap"


def require_bubblewrap() -> None:
    """Skip with one loud line; with CI=true fail."""
    if why := missing_bubblewrap():
        if os.environ.get("CI") == "true":
            pytest.fail(f"sandbox tests cannot run: {why}")
        pytest.skip(f"SANDBOX TESTS DO NOT RUN HERE: {why}")
