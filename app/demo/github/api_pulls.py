"""Endpoints of pull requests."""

from __future__ import annotations

from app.demo.github import change_pulls as change
from app.demo.github import view_pulls as view
from app.demo.github.api_repositories import no_commit
from app.demo.github.call import Call, Reply, Routes, paged
from app.demo.github.change_issues import edit_issue
from app.demo.github.change_refs import after_push, heads
from app.demo.github.entities import Account, App, PullRequest, Repository
from app.demo.github.forge import Forge
from app.demo.github.problems import Problem, invalid, not_found
from app.demo.github.view_repositories import commit as commit_view
from app.demo.github.view_repositories import diff_entry


def pull_of(call: Call) -> PullRequest:
    return call.world.pull(call.repository, call.number("pull_number"))


async def list_pulls(call: Call) -> Reply:
    """`head` is `owner:branch`, and without the owner no filter at all: GitHub's own trap."""
    query, state = call.query, call.query.get("state", "open")
    head, base = query.get("head", ""), query.get("base", "")
    found = [
        i.pull
        for i in call.repository.issues.values()
        if i.pull
        and state in (i.state, "all")
        and (":" not in head or head.lower() == _label(i.pull).lower())
        and base in ("", i.pull.base_ref)
    ]
    descending = query.get("direction", "desc") != "asc"
    by_update = query.get("sort") == "updated"
    found.sort(
        key=lambda p: (p.issue.updated_at if by_update else p.issue.created_at, p.issue.number),
        reverse=descending,
    )
    return paged(call, found, lambda p: view.simple_pull(call.world, p))


def _label(pull: PullRequest) -> str:
    return f"{pull.head_repository.owner.login}:{pull.head_ref}"


def head_of(forge: Forge, repository: Repository, head: str) -> tuple[Repository, str]:
    """`branch`, or `owner:branch` for a fork in the same network."""
    owner, colon, branch = head.rpartition(":")
    if not colon or owner.lower() == repository.owner.login.lower():
        return repository, branch
    for other in forge.world.repositories.values():
        if other.owner.login.lower() == owner.lower() and other.parent is repository:
            return other, branch
    raise invalid("PullRequest", "head", "invalid")


async def create_pull(call: Call) -> Reply:
    title = str(call.text("title"))
    body = call.long_text("body", "PullRequest", None)
    if not title.strip():
        raise invalid("PullRequest", "title", "missing_field")
    pull = await open_checked(
        call.forge,
        call.repository,
        call.bot,
        title=title,
        body=body,
        head=str(call.text("head")),
        base=str(call.text("base")),
        draft=call.flag("draft", default=False),
        maintainer_can_modify=call.flag("maintainer_can_modify", default=True),
        app=call.identity.app,
    )
    return Reply(201, view.pull(call.world, pull))


async def open_checked(
    forge: Forge,
    repository: Repository,
    user: Account,
    *,
    title: str,
    body: str | None,
    head: str,
    base: str,
    draft: bool,
    maintainer_can_modify: bool = True,
    app: App | None = None,
) -> PullRequest:
    """Open a pull request, or refuse it for the reasons and in the words of GitHub."""
    head_repository, branch = head_of(forge, repository, head)
    if draft and not repository.drafts:
        raise Problem(422, "Draft pull requests are not supported in this repository.")
    # Two of the same must not both pass the check, and no push come between look and record.
    async with head_repository.pushing:
        base_sha = await repository.git.branch(base)
        if base_sha is None:
            raise invalid("PullRequest", "base", "invalid")
        head_sha = await head_repository.git.branch(branch)
        if head_sha is None:
            raise invalid("PullRequest", "head", "invalid")
        _refuse_second(forge, repository, head_repository, branch, base)
        if head_sha == base_sha or await head_repository.git.is_ancestor(head_sha, base_sha):
            raise _custom(f"No commits between {base} and {branch}")
        foreign = head_repository is not repository
        return await change.open_pull(
            forge,
            repository,
            user,
            title=title,
            body=body,
            head_repository=head_repository,
            head_ref=branch,
            base_ref=base,
            head_sha=head_sha,
            base_sha=base_sha,
            draft=draft,
            maintainer_can_modify=foreign and maintainer_can_modify,
            app=app,
        )


def _refuse_second(
    forge: Forge, repository: Repository, head_repository: Repository, branch: str, base: str
) -> None:
    for other in forge.world.pulls():
        if (
            other.issue.state == "open"
            and (other.repository, other.head_repository) == (repository, head_repository)
            and (other.head_ref, other.base_ref) == (branch, base)
        ):
            raise _custom(f"A pull request already exists for {_label(other)}.")


def _custom(message: str) -> Problem:
    entry = {"resource": "PullRequest", "code": "custom", "message": message}
    return Problem(422, "Validation Failed", errors=[entry])


async def get_pull(call: Call) -> Reply:
    pull = pull_of(call)
    if "diff" in call.media_type:
        await change.refresh(pull)
        found = pull.comparison
        text = await pull.repository.git.diff(found.merge_base, found.head, "-p")
        return Reply(body=text)
    await change.try_merge(call.forge, pull)
    return Reply(body=view.pull(call.world, pull))


async def update_pull(call: Call) -> Reply:
    pull, app = pull_of(call), call.identity.app
    title, body = call.text("title", None), call.long_text("body", "PullRequest", None)
    state = call.choice("state", ("open", "closed"), None)
    base = call.text("base", None)
    if base is not None and base != pull.base_ref:
        sha = await call.repository.git.branch(base)
        if sha is None:
            raise invalid("PullRequest", "base", "invalid")
        pull.base_ref, pull.base_sha = base, sha
        await change.refresh(pull)
    edit_issue(call.forge, pull.issue, call.bot, title=title, body=body)
    if state == "closed" and pull.issue.state == "open":
        change.close_pull(call.forge, pull, call.bot, app)
    elif state == "open" and pull.issue.state == "closed":
        if pull.merged_at is not None:
            raise invalid("PullRequest", "state", "invalid")
        change.reopen_pull(call.forge, pull, call.bot, app)
    return Reply(body=view.pull(call.world, pull))


async def list_files(call: Call) -> Reply:
    pull = pull_of(call)
    await change.refresh(pull)
    found = pull.comparison.files[:3000]
    return paged(call, found, lambda f: diff_entry(call.world, call.repository, f, pull.head_sha))


async def list_commits(call: Call) -> Reply:
    pull = pull_of(call)
    await change.refresh(pull)
    found = pull.comparison
    commits = await call.repository.git.log("--reverse", pull.head_sha, f"^{found.merge_base}")
    return paged(call, commits[:250], lambda c: commit_view(call.world, call.repository, c))


async def is_merged(call: Call) -> Reply:
    if pull_of(call).merged_at is None:
        raise not_found()
    return Reply(204)


async def merge_pull(call: Call) -> Reply:
    pull = pull_of(call)
    method = call.choice("merge_method", ("merge", "squash", "rebase"), "merge")
    async with call.repository.pushing:
        sha = await merge_checked(
            call.forge,
            pull,
            call.bot,
            method=method,
            expected=call.text("sha", None),
            message=call.text("commit_message", ""),
            title=call.text("commit_title", None),
        )
    merged = {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}
    return Reply(body=merged)


async def merge_checked(
    forge: Forge,
    pull: PullRequest,
    actor: Account,
    *,
    method: str = "merge",
    expected: str | None = None,
    title: str | None = None,
    message: str = "",
) -> str:
    """Merge *pull*; 405 where it cannot be merged, 409 where its head is not *expected*.

    The caller holds the repository's `pushing`.
    """
    if expected is not None and expected != pull.head_sha:
        raise Problem(409, "Head branch was modified. Review and try the merge again.")
    await change.try_merge(forge, pull)
    if pull.issue.state == "closed" or pull.draft or not pull.mergeable:
        raise Problem(405, "Pull Request is not mergeable")
    repository, base = pull.repository, pull.comparison.base
    tree = await change.merge_tree(repository.git, base, pull.head_sha)
    if tree is None:
        raise Problem(405, "Pull Request is not mergeable")
    parents = (base, pull.head_sha) if method == "merge" else (base,)
    default = f"Merge pull request #{pull.issue.number} from {_label(pull).replace(':', '/')}"
    if method != "merge":
        default = f"{pull.issue.title} (#{pull.issue.number})"
    text = f"{title or default}\n\n{message or pull.issue.title}\n"
    before = await heads(repository)
    sha = await repository.git.commit_tree(tree, parents, text, forge.world.signature(actor))
    await repository.git.update_ref(f"refs/heads/{pull.base_ref}", sha, base)
    change.merged(forge, pull, actor, sha)
    await after_push(forge, repository, before, actor)
    return sha


async def pulls_of_commit(call: Call) -> Reply:
    sha = await call.repository.git.resolve(call.parameters["commit_sha"])
    if sha is None:
        raise no_commit(call.parameters["commit_sha"])
    found = []
    for issue in call.repository.issues.values():
        pull = issue.pull
        if pull and pull.head_sha == sha:
            found.append(pull)
        elif pull and await call.repository.git.is_ancestor(sha, pull.head_sha):
            base = pull.comparison.base
            if not await call.repository.git.is_ancestor(sha, base):
                found.append(pull)
    return paged(call, found, lambda p: view.simple_pull(call.world, p))


_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"
ROUTES: Routes = (
    ("GET", "/repos/{owner}/{repo}/pulls", list_pulls),
    ("POST", "/repos/{owner}/{repo}/pulls", create_pull),
    ("GET", _PULL, get_pull),
    ("PATCH", _PULL, update_pull),
    ("GET", f"{_PULL}/files", list_files),
    ("GET", f"{_PULL}/commits", list_commits),
    ("GET", f"{_PULL}/merge", is_merged),
    ("PUT", f"{_PULL}/merge", merge_pull),
    ("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", pulls_of_commit),
)
