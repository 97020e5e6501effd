"""Setting up a GitHub: users, repositories, roles, installations; and who may do what on it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.demo.github import change_accounts
from app.demo.github.bare import Content
from app.demo.github.entities import (
    Account,
    CheckRun,
    Installation,
    Issue,
    PullRequest,
    Repository,
    Role,
)
from app.demo.github.inspection import Inspection
from app.demo.github.problems import Problem
from app.demo.github.view_accounts import Json
from app.demo.github.view_accounts import app as app_view
from app.demo.github.view_accounts import installation as installation_view
from app.demo.github.view_accounts import user as user_view
from app.demo.github.view_repositories import repository as repository_view

_ORDER: tuple[Role, ...] = ("none", "read", "triage", "write", "maintain", "admin")


def files_of(folder: Path) -> tuple[dict[str, Content], frozenset[str]]:
    """The files below *folder* by path, and which of them are executable; `.git` is left out."""
    files: dict[str, Content] = {}
    executable: set[str] = set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and ".git" not in path.relative_to(folder).parts:
            files[name] = path.read_bytes()
            if path.stat().st_mode & 0o100:
                executable.add(name)
    return files, frozenset(executable)


class SetUp(Inspection):
    """*repository* is always `owner/name`, *user* a login, *number* an issue's or pull's."""

    async def create_user(self, login: str, name: str = "", kind: str = "User") -> Json:
        """*kind* `Organization` makes an organisation."""
        return user_view(self.world, self.world.new_account(login, kind=kind, name=name))

    async def create_token(self, user: str) -> str:
        """A token of a person's own, good for git where they may do what they do."""
        token = f"ghp_{secrets.token_hex(18)}"
        self.world.personal_tokens[token] = self._account(user)
        return token

    async def create_repository(
        self,
        repository: str,
        files: Mapping[str, Content] | None = None,
        folder: str | None = None,
        *,
        private: bool = True,
        default_branch: str = "main",
        description: str | None = None,
        drafts: bool = True,
        message: str = "Initial commit",
        collaborators: Mapping[str, Role] | None = None,
        install: bool = True,
    ) -> Json:
        """With a first commit of *files* or of what is in *folder*.

        The owner is made where there is none. *drafts* off: draft pull requests answer 422, as in
        a private repository on the free plan. *install*: the App covers it.
        """
        content, executable = dict(files or {}), frozenset[str]()
        if folder is not None:
            content, executable = files_of(Path(folder))
        made = await change_accounts.create_repository(
            self.forge,
            repository,
            content,
            private=private,
            default_branch=default_branch,
            description=description,
            drafts=drafts,
            message=message,
            executable=executable,
        )
        for login, role in (collaborators or {}).items():
            await self.set_permission(repository, login, role)
        if install:
            self._cover(made)
        return repository_view(self.world, made)

    def _cover(self, repository: Repository) -> None:
        for installation in self.world.installations:
            if installation.app is self.app and installation.account is repository.owner:
                change_accounts.change_installation(
                    self.forge, installation, added=[repository], removed=[]
                )
                return
        change_accounts.install(self.forge, self.app, repository.owner, repositories=None)

    async def fork(self, repository: str, user: str) -> Json:
        owner = self._account(user)
        parent = self._reached(repository, owner, "read")
        return repository_view(self.world, await change_accounts.fork(self.forge, parent, owner))

    async def set_permission(
        self, repository: str, user: str, permission: Role, role_name: str | None = None
    ) -> None:
        """*role_name*: a custom role built on *permission*. The account is made if need be."""
        account = self.world.accounts.get(user.lower()) or self.world.new_account(user)
        where = self.world.repository(repository)
        change_accounts.set_role(where, account, permission, role_name=role_name)

    async def protect(self, repository: str, branch: str, checks: Sequence[str]) -> None:
        """Require *checks* for pull requests into *branch*."""
        self.world.repository(repository).required_checks[branch] = list(checks)

    async def install(
        self,
        account: str,
        repositories: Sequence[str] | None = None,
        permissions: Mapping[str, str] | None = None,
        app: str | None = None,
    ) -> Json:
        """*repositories* None: all. *permissions* None: the App's. *app* None: the first one."""
        found = None
        if repositories is not None:
            found = [self.world.repository(r) for r in repositories]
        installation = change_accounts.install(
            self.forge,
            next((a for a in self.world.apps if a.slug == app), self.app),
            self._account(account),
            repositories=found,
            permissions=None if permissions is None else dict(permissions),
        )
        return installation_view(self.world, installation)

    async def uninstall(self, account: str) -> None:
        change_accounts.uninstall(self.forge, self._installation(account))

    async def suspend(self, account: str, *, suspended: bool = True) -> None:
        change_accounts.suspend(self.forge, self._installation(account), suspended=suspended)

    async def change_installation(
        self, account: str, added: Sequence[str] = (), removed: Sequence[str] = ()
    ) -> None:
        change_accounts.change_installation(
            self.forge,
            self._installation(account),
            added=[self.world.repository(r) for r in added],
            removed=[self.world.repository(r) for r in removed],
        )

    async def add_app(
        self,
        slug: str,
        *,
        name: str = "",
        permissions: Mapping[str, str] | None = None,
        events: Sequence[str] = (),
        webhook_url: str | None = None,
        webhook_secret: str = "",
        private_key: str | None = None,
    ) -> Json:
        """A further App, as an operator has one for reviews; with its `private_key`."""
        made = self.world.new_app(
            slug=slug,
            name=name or slug,
            owner=self.app.owner,
            permissions=dict(self.app.permissions if permissions is None else permissions),
            events=list(events),
            hook_url=webhook_url,
            hook_secret=webhook_secret,
            private_key=private_key,
        )
        return app_view(self.world, made) | {"private_key": made.private_key.decode()}

    # who may

    def _account(self, login: str) -> Account:
        found = self.world.accounts.get(login.lower())
        if found is None:
            raise Problem(404, f"{login}: no such user; create_user makes one")
        return found

    def _installation(self, account: str) -> Installation:
        for installation in self.world.installations:
            if installation.app is self.app and installation.account is self._account(account):
                return installation
        raise Problem(404, f"{account}: the App is not installed there")

    def _reached(self, repository: str, user: Account, least: Role) -> Repository:
        """The repository, where *user* has at least *least*; 403 otherwise."""
        found = self.world.repository(repository)
        role = self.world.role(found, user).role
        if _ORDER.index(role) < _ORDER.index(least):
            raise Problem(403, f"{user.login}: is {role} on {repository}; this needs {least}")
        return found

    def _own_or(self, author: Account, user: Account, where: Repository, least: Role) -> None:
        self._reached(where.full_name, user, "read" if author is user else least)

    def _issue(self, repository: str, number: int, user: str, least: Role) -> tuple[Issue, Account]:
        account = self._account(user)
        return self.world.issue(self._reached(repository, account, least), number), account

    def _pull(
        self, repository: str, number: int, user: str, least: Role
    ) -> tuple[PullRequest, Account]:
        account = self._account(user)
        return self.world.pull(self._reached(repository, account, least), number), account

    def _run(self, repository: str, check_run: int, user: str) -> tuple[CheckRun, Account]:
        account = self._account(user)
        where = self._reached(repository, account, "write")
        run = where.check_runs.get(check_run)
        if run is None:
            raise Problem(404, f"check run {check_run}: not in {repository}")
        return run, account
