"""A merge queue's group: the pull requests merged one on the other on a branch of the queue."""

from __future__ import annotations

from app.demo.github.change_pulls import merge_tree
from app.demo.github.change_refs import after_push, heads
from app.demo.github.entities import Account, PullRequest, Repository
from app.demo.github.forge import Forge
from app.demo.github.problems import Problem
from app.demo.github.view_accounts import Json
from app.demo.github.view_repositories import simple_commit


async def request_merge_group(
    forge: Forge, repository: Repository, pulls: list[PullRequest], actor: Account
) -> Json:
    """Sends `merge_group.checks_requested`. Raises 422 where they do not merge."""
    base_ref = pulls[0].base_ref
    git, base = repository.git, await repository.git.branch(base_ref)
    if base is None:
        raise Problem(422, f"{base_ref}: no such branch")
    head = base
    for pull in pulls:
        tree = await merge_tree(git, head, pull.head_sha)
        if tree is None:
            raise Problem(422, f"#{pull.issue.number} does not merge into the group")
        message = f"Merge pull request #{pull.issue.number}"
        signature = forge.world.signature(actor)
        head = await git.commit_tree(tree, (head, pull.head_sha), message, signature)
    number = pulls[-1].issue.number
    ref = f"refs/heads/gh-readonly-queue/{base_ref}/pr-{number}-{base}"
    before = await heads(repository)
    await git.update_ref(ref, head)
    await after_push(forge, repository, before, actor)
    group: Json = {
        "head_sha": head,
        "head_ref": ref,
        "base_sha": base,
        "base_ref": f"refs/heads/{base_ref}",
        "head_commit": simple_commit(await git.commit(head)),
    }
    forge.emit("merge_group", "checks_requested", repository, actor, {"merge_group": group})
    return group
