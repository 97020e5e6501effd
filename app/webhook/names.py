"""Deterministic names: the same order makes the same object, however often it is delivered."""

from __future__ import annotations

import hashlib
import re

from k8s.meta import label

SLUG_LENGTH = 24
LENGTH = 40

REPOSITORY_ID = label("repository-id")
ISSUE = label("issue")
PULL_REQUEST = label("pull-request")


def workload_name(repository: str, number: int, *, repository_id: int, trigger: str) -> str:
    """`<slug>-<number>-<6 hex>`, at most 40 characters, for an issue or a pull request.

    *trigger* tells one order about it from the next.
    """
    digest = hashlib.sha256(f"{repository_id}/{number}/{trigger}".encode()).hexdigest()[:6]
    tail = f"-{number}-{digest}"
    return _slug(repository, min(SLUG_LENGTH, LENGTH - len(tail))) + tail


def _slug(repository: str, length: int) -> str:
    name = repository.rpartition("/")[2].lower()
    return re.sub(r"[^a-z0-9]+", "-", name)[:length].strip("-") or "repository"


def snapshot_name(workload: str, number: int) -> str:
    """The ConfigMap that holds the issue as of the trigger."""
    return f"foreman-issue-{workload}-{number}"


def workload_of_branch(branch: str) -> str | None:
    """The Workload whose issue batch made *branch*. None: no Workload did."""
    found = re.fullmatch(r"foreman/([a-z0-9][a-z0-9-]*)/issue-\d+", branch)
    return found[1] if found else None


_DELIVERY = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")


def delivery_name(delivery_id: str) -> str | None:
    """The Delivery's name for an `X-GitHub-Delivery`. None: no id that GitHub would send."""
    name = delivery_id.lower()
    return name if _DELIVERY.fullmatch(name) else None
