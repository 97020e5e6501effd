"""Names of refs and branches: which we accept, and what ours are called."""

from __future__ import annotations

import re

from loop.repo.errors import RefError

BRANCH_PREFIX = "foreman/"

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What git-check-ref-format refuses: https://git-scm.com/docs/git-check-ref-format
_REFUSED = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)")
_OURS = re.compile(r"foreman/[A-Za-z0-9._/-]+")
# Characters that look like nothing or reverse text: a name that reads as another one.
_INVISIBLE = re.compile(
    "[\u0080-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufffe\uffff]"
)
_MAX_BYTES = 240
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def is_sha(text: str) -> bool:
    return _SHA.fullmatch(text) is not None


def checked_sha(text: str) -> str:
    """*text* if it is a full object name; raises RefError."""
    if not is_sha(text):
        raise RefError(f"{text[:80]!r}: not a full object name; give 40 hexadecimal digits")
    return text


def is_branch(name: str) -> bool:
    """True for what git takes as a branch name, less than git in doubt."""
    return (
        0 < len(name.encode("utf-8", "surrogatepass")) <= _MAX_BYTES
        and name.isprintable()
        and name not in ("@", "HEAD")
        and not name.startswith(("-", "/", ".", "refs/"))
        and not name.endswith(("/", "."))
        and _REFUSED.search(name) is None
        and _INVISIBLE.search(name) is None
    )


def checked_branch(name: str) -> str:
    """*name* if it can be a branch; raises RefError."""
    if not is_branch(name):
        raise RefError(f"{name[:80]!r}: not a branch name; see git check-ref-format")
    return name


def head(branch: str) -> str:
    """The full ref of *branch*."""
    return f"refs/heads/{checked_branch(branch)}"


def pull(number: int) -> str:
    """The ref under which GitHub shows the head of a pull request, forks included."""
    return f"refs/pull/{int(number)}/head"


def checked_ref(ref: str) -> str:
    """*ref* if it is a full ref name under refs/; raises RefError."""
    prefix, _, rest = ref.partition("/")
    if prefix != "refs" or "/" not in rest or not is_branch(rest):
        raise RefError(f"{ref[:80]!r}: not a full ref name; give one like refs/heads/main")
    return ref


def push_branch(branch: str) -> str:
    """*branch* if the harness may push to it: only below `foreman/`; raises RefError."""
    if not is_branch(branch) or _OURS.fullmatch(branch) is None:
        raise RefError(
            f"{branch[:80]!r}: not a branch of ours; pushes go below {BRANCH_PREFIX!r} only"
        )
    return branch


def task_branch(*, task: str, workload: str = "", issue: int | None = None) -> str:
    """Where a task's work lands when its payload names no branch."""
    if issue is None:
        return push_branch(f"{BRANCH_PREFIX}{_UNSAFE.sub('-', task)}")
    middle = f"{_UNSAFE.sub('-', workload)}/" if workload else ""
    return push_branch(f"{BRANCH_PREFIX}{middle}issue-{issue}")


def gate_failed_branch(task: str) -> str:
    """Where an attempt that never passed its gate is kept."""
    return push_branch(f"{BRANCH_PREFIX}gate-failed/{_UNSAFE.sub('-', task)}")


def attempt_branch(branch: str, attempt: int) -> str:
    """Where the old tip of *branch* is kept when another coder takes it over."""
    return push_branch(f"{branch}-attempt-{attempt}")
