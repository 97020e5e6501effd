"""Changes to accounts, repositories and installations, and the webhooks they send."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.demo.github.bare import BareRepository, Content
from app.demo.github.entities import (
    BASE_PERMISSION,
    Account,
    App,
    Collaborator,
    Installation,
    Label,
    Repository,
    Role,
)
from app.demo.github.forge import Forge
from app.demo.github.view_accounts import Json
from app.demo.github.world import World

# What GitHub puts into a new repository.
_LABELS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)


def new_label(
    world: World,
    repository: Repository,
    name: str,
    *,
    color: str = "ededed",
    description: str | None = None,
    default: bool = False,
) -> Label:
    now = world.clock()
    label = world.add(
        Label(
            name=name,
            color=color,
            description=description,
            default=default,
            created_at=now,
            updated_at=now,
        )
    )
    repository.labels[name.lower()] = label
    return label


async def create_repository(
    forge: Forge,
    full_name: str,
    files: Mapping[str, Content],
    *,
    private: bool,
    default_branch: str,
    description: str | None,
    drafts: bool,
    message: str,
    executable: frozenset[str],
) -> Repository:
    """A repository whose first commit, by its owner, has *files*; empty where there are none."""
    world = forge.world
    owner_login, _, name = full_name.partition("/")
    owner = world.accounts.get(owner_login.lower()) or world.new_account(owner_login)
    if full_name.lower() in world.repositories:
        raise ValueError(f"{full_name}: there is such a repository already")
    git = BareRepository(_path(forge, full_name))
    git.create(default_branch=default_branch, hooks=forge.hooks)
    if files:
        await git.commit_files(
            default_branch,
            files,
            message=message,
            author=world.signature(owner),
            parent=None,
            executable=executable,
        )
    return _register(
        forge,
        owner,
        name,
        git,
        private=private,
        default_branch=default_branch,
        description=description,
        drafts=drafts,
    )


def _path(forge: Forge, full_name: str) -> Path:
    return forge.world.directory / f"{full_name.lower()}.git"


def _register(
    forge: Forge,
    owner: Account,
    name: str,
    git: BareRepository,
    *,
    private: bool,
    default_branch: str,
    description: str | None,
    drafts: bool,
    parent: Repository | None = None,
) -> Repository:
    world, now = forge.world, forge.world.clock()
    repository = world.add(
        Repository(
            owner=owner,
            name=name,
            git=git,
            private=private,
            default_branch=default_branch,
            description=description,
            pushed_at=now,
            drafts=drafts,
            parent=parent,
            created_at=now,
            updated_at=now,
        )
    )
    world.repositories[repository.full_name.lower()] = repository
    for label, color, text in _LABELS:
        new_label(world, repository, label, color=color, description=text, default=True)
    return repository


async def fork(forge: Forge, parent: Repository, owner: Account) -> Repository:
    git = BareRepository(_path(forge, f"{owner.login}/{parent.name}"))
    await git.clone_from(parent.git, hooks=forge.hooks)
    return _register(
        forge,
        owner,
        parent.name,
        git,
        private=parent.private,
        default_branch=parent.default_branch,
        description=parent.description,
        drafts=parent.drafts,
        parent=parent,
    )


def set_role(
    repository: Repository, account: Account, role: Role, *, role_name: str | None = None
) -> None:
    """`none` takes the access away. *role_name* is a custom role built on *role*."""
    if role == "none":
        repository.collaborators.pop(account.login.lower(), None)
    else:
        repository.collaborators[account.login.lower()] = Collaborator(
            role=role, role_name=role_name or role
        )


def permission(collaborator: Collaborator) -> str:
    """The four words of the permission endpoint: `maintain` is write, `triage` is read."""
    return BASE_PERMISSION.get(collaborator.role, collaborator.role)


def _brief(repositories: list[Repository]) -> list[Json]:
    return [
        {
            "id": r.id,
            "node_id": r.node_id,
            "name": r.name,
            "full_name": r.full_name,
            "private": r.private,
        }
        for r in repositories
    ]


def covered(world: World, installation: Installation) -> list[Repository]:
    return [r for r in world.repositories.values() if installation.covers(r)]


def install(
    forge: Forge,
    app: App,
    account: Account,
    *,
    repositories: list[Repository] | None,
    permissions: dict[str, str] | None = None,
) -> Installation:
    """*repositories* None: all of the account. Sends `installation.created`."""
    world, now = forge.world, forge.world.clock()
    installation = world.add(
        Installation(
            app=app,
            account=account,
            permissions=dict(app.permissions if permissions is None else permissions),
            events=list(app.events),
            repositories=None if repositories is None else list(repositories),
            created_at=now,
            updated_at=now,
        )
    )
    world.installations.append(installation)
    forge.emit_installation(
        "installation",
        "created",
        installation,
        account,
        {"repositories": _brief(covered(world, installation)), "requester": None},
    )
    return installation


def change_installation(
    forge: Forge, installation: Installation, *, added: list[Repository], removed: list[Repository]
) -> None:
    if installation.repositories is not None:
        kept = [r for r in installation.repositories if r not in removed]
        installation.repositories = kept + [r for r in added if r not in kept]
    forge.world.touch(installation)
    for action, changed in (("added", added), ("removed", removed)):
        if changed:
            forge.emit_installation(
                "installation_repositories",
                action,
                installation,
                installation.account,
                {
                    "repository_selection": (
                        "all" if installation.repositories is None else "selected"
                    ),
                    "repositories_added": _brief(added if action == "added" else []),
                    "repositories_removed": _brief(removed if action == "removed" else []),
                    "requester": None,
                },
            )


def uninstall(forge: Forge, installation: Installation) -> None:
    covered_before = covered(forge.world, installation)
    forge.world.installations.remove(installation)
    forge.emit_installation(
        "installation",
        "deleted",
        installation,
        installation.account,
        {"repositories": _brief(covered_before)},
    )


def suspend(forge: Forge, installation: Installation, *, suspended: bool) -> None:
    now = forge.world.touch(installation)
    installation.suspended_at = now if suspended else None
    installation.suspended_by = installation.account if suspended else None
    forge.emit_installation(
        "installation",
        "suspend" if suspended else "unsuspend",
        installation,
        installation.account,
        {"repositories": _brief(covered(forge.world, installation))},
    )
