"""Changes to pull requests: opening, what a push does to them, merging. Sends their webhooks."""

from __future__ import annotations

import re

from app.demo.github.bare import BareRepository, GitError
from app.demo.github.change_issues import close_issue, emit_issue, new_issue, record, reopen_issue
from app.demo.github.diff import compare
from app.demo.github.entities import Account, App, Issue, PullRequest, Repository
from app.demo.github.forge import Forge

_CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)\b", re.IGNORECASE)


async def open_pull(
    forge: Forge,
    repository: Repository,
    user: Account,
    *,
    title: str,
    body: str | None,
    head_repository: Repository,
    head_ref: str,
    base_ref: str,
    head_sha: str,
    base_sha: str,
    draft: bool,
    maintainer_can_modify: bool = False,
    app: App | None = None,
) -> PullRequest:
    issue = new_issue(forge, repository, user, title=title, body=body, app=app)
    pull = forge.world.add(
        PullRequest(
            issue=issue,
            head_repository=head_repository,
            head_ref=head_ref,
            head_sha=head_sha,
            base_ref=base_ref,
            base_sha=base_sha,
            draft=draft,
            maintainer_can_modify=maintainer_can_modify,
            created_at=issue.created_at,
            updated_at=issue.updated_at,
        )
    )
    issue.pull = pull
    await _follow_head(pull)
    emit_issue(forge, "opened", issue, user)
    return pull


async def _follow_head(pull: PullRequest) -> None:
    """Bring `refs/pull/N/head` and the diff to the head commit."""
    git, ref = pull.repository.git, f"refs/pull/{pull.issue.number}/head"
    if pull.head_repository is pull.repository:
        await git.update_ref(ref, pull.head_sha)
    else:
        await git.fetch(pull.head_repository.git, f"refs/heads/{pull.head_ref}", ref)
    await refresh(pull)


async def refresh(pull: PullRequest) -> None:
    """Compare with the base branch as it is now; an older comparison stays where it is gone."""
    if pull.merged_at is not None:
        return
    base = await pull.repository.git.branch(pull.base_ref)
    known = (pull.comparison.base, pull.comparison.head)
    if base is None or known == (base, pull.head_sha):
        return
    found = await compare(pull.repository.git, base, pull.head_sha)
    if found is not None:
        pull.comparison = found
    pull.mergeable = None


async def try_merge(forge: Forge, pull: PullRequest) -> None:
    """What GitHub does in the background of the first look: a test merge, and whether it works."""
    await refresh(pull)
    tips = (pull.comparison.base, pull.comparison.head)
    if pull.issue.state == "closed" or (pull.mergeable is not None and pull.mergeable_of == tips):
        return
    tree = await merge_tree(pull.repository.git, *tips)
    pull.mergeable, pull.mergeable_of = tree is not None, tips
    pull.merge_commit_sha = None
    if tree is not None:
        message = f"Merge {tips[1]} into {tips[0]}"
        pull.merge_commit_sha = await pull.repository.git.commit_tree(
            tree, tips, message, forge.world.signature(pull.issue.user)
        )
        ref = f"refs/pull/{pull.issue.number}/merge"
        await pull.repository.git.update_ref(ref, pull.merge_commit_sha)


async def merge_tree(git: BareRepository, base: str, head: str) -> str | None:
    """As `BareRepository.merge_tree`; unrelated histories conflict too."""
    try:
        return await git.merge_tree(base, head)
    except GitError:
        return None


async def synchronize(
    forge: Forge, pull: PullRequest, before: str, after: str, actor: Account
) -> None:
    pull.head_sha = after
    pull.base_sha = await pull.repository.git.branch(pull.base_ref) or pull.base_sha
    forge.world.touch(pull.issue)
    await _follow_head(pull)
    emit_issue(forge, "synchronize", pull.issue, actor, {"before": before, "after": after})


def set_draft(
    forge: Forge, pull: PullRequest, actor: Account, *, draft: bool, app: App | None = None
) -> None:
    if pull.draft == draft:
        return
    pull.draft = draft
    name = "convert_to_draft" if draft else "ready_for_review"
    record(forge, pull.issue, name, actor, app=app)
    action = "converted_to_draft" if draft else "ready_for_review"
    emit_issue(forge, action, pull.issue, actor)


def close_pull(forge: Forge, pull: PullRequest, actor: Account, app: App | None = None) -> None:
    close_issue(forge, pull.issue, actor, app=app)


def reopen_pull(forge: Forge, pull: PullRequest, actor: Account, app: App | None = None) -> None:
    reopen_issue(forge, pull.issue, actor, app)


def merged(
    forge: Forge, pull: PullRequest, actor: Account, commit: str, app: App | None = None
) -> None:
    """The head has reached the base as *commit*: record it and close what it fixes."""
    now = forge.world.clock()
    pull.merged_at, pull.merged_by, pull.merge_commit_sha = now, actor, commit
    record(forge, pull.issue, "merged", actor, app=app, commit_id=commit)
    close_issue(forge, pull.issue, actor, app=app)
    if pull.base_ref == pull.repository.default_branch:
        for issue in fixed_by(pull):
            close_issue(forge, issue, actor, app=app, commit_id=commit)


def fixed_by(pull: PullRequest) -> list[Issue]:
    """Open issues that the description closes by keyword."""
    numbers = {int(n) for n in _CLOSING.findall(pull.issue.body or "")}
    issues = (pull.repository.issues.get(n) for n in sorted(numbers))
    return [i for i in issues if i and not i.pull and i.state == "open"]
