"""What is there now, in GitHub's shapes: the reading half of `people.LocalGitHub`."""

from __future__ import annotations

from typing import Any

from app.demo.github import deliveries, view_checks, view_issues, view_pulls
from app.demo.github.change_pulls import try_merge
from app.demo.github.entities import App
from app.demo.github.faults import Faults
from app.demo.github.forge import Forge
from app.demo.github.problems import Problem
from app.demo.github.view_accounts import Json
from app.demo.github.world import World, stamp


class Inspection:
    def __init__(self, forge: Forge) -> None:
        settings = forge.settings
        self.forge = forge
        self.world: World = forge.world
        self.faults: Faults = forge.faults
        self.app: App = self.world.new_app(
            slug=settings.app_slug,
            name=settings.app_name,
            owner=self.world.new_account(settings.app_owner),
            permissions=settings.permissions,
            events=list(settings.events),
            hook_url=settings.webhook_url,
            hook_secret=settings.webhook_secret,
            private_key=settings.private_key,
        )

    @property
    def url(self) -> str:
        """Root of the REST API, of the pages and of git."""
        return self.world.url

    @property
    def app_id(self) -> int:
        return self.app.id

    @property
    def private_key(self) -> str:
        return self.app.private_key.decode()

    @property
    def webhook_secret(self) -> str:
        return self.app.hook.secret

    def set_webhook_url(self, url: str | None) -> None:
        """None makes the hook inactive."""
        self.app.hook.url = url

    async def settled(self) -> None:
        """Return when no webhook is on its way."""
        await self.forge.deliveries.settled()

    async def ping(self) -> None:
        """What GitHub sends when a hook is made."""
        app, w = self.app, self.world
        hook: Json = {
            "type": "App",
            "id": app.hook.id,
            "name": "web",
            "active": app.hook.url is not None,
            "events": list(app.events),
            "config": {
                "content_type": app.hook.content_type,
                "insecure_ssl": app.hook.insecure_ssl,
                "url": app.hook.url or "",
            },
            "updated_at": stamp(app.updated_at),
            "created_at": stamp(app.created_at),
            "app_id": app.id,
            "deliveries_url": f"{w.url}/app/hook/deliveries",
        }
        payload = {"zen": "Design for failure.", "hook_id": app.hook.id, "hook": hook}
        self.forge.deliveries.send(app, "ping", payload)

    async def issues(self, repository: str) -> list[Json]:
        found = self.world.repository(repository).issues.values()
        return [view_issues.issue(self.world, i) for i in found if not i.pull]

    async def issue(self, repository: str, number: int) -> Json:
        found = self.world.issue(self.world.repository(repository), number)
        return view_issues.issue(self.world, found)

    async def pulls(self, repository: str) -> list[Json]:
        """All, open and closed, in the long form with `mergeable` known."""
        found = [i.pull for i in self.world.repository(repository).issues.values() if i.pull]
        for pull in found:
            await try_merge(self.forge, pull)
        return [view_pulls.pull(self.world, p) for p in found]

    async def pull(self, repository: str, number: int) -> Json:
        found = self.world.pull(self.world.repository(repository), number)
        await try_merge(self.forge, found)
        return view_pulls.pull(self.world, found)

    async def comments(self, repository: str, number: int) -> list[Json]:
        """With `minimized`: the reason a comment is hidden, or None."""
        found = self.world.issue(self.world.repository(repository), number)
        return [
            view_issues.comment(self.world, c) | {"minimized": c.minimized} for c in found.comments
        ]

    async def reviews(self, repository: str, number: int) -> list[Json]:
        """With `minimized` and with their `comments`."""
        pull = self.world.pull(self.world.repository(repository), number)
        found = []
        for review in pull.reviews:
            comments = [c for c in pull.review_comments if c.review is review]
            shown = [view_pulls.review_comment(self.world, c) for c in comments]
            extra = {"minimized": review.minimized, "comments": shown}
            found.append(view_pulls.review(self.world, review) | extra)
        return found

    async def checks(self, repository: str, sha: str | None = None) -> list[Json]:
        """Every check run, oldest first, with its `annotations` and `actions`."""
        where = self.world.repository(repository)
        found = []
        for run in where.check_runs.values():
            if sha in (None, run.head_sha):
                notes = [view_checks.annotation(self.world, where, run, a) for a in run.annotations]
                extra = {"annotations": notes, "actions": run.actions}
                found.append(view_checks.check_run(self.world, run) | extra)
        return found

    async def reactions(
        self, repository: str, number: int, comment: int | None = None
    ) -> list[Json]:
        """Of the issue, or of one of its comments."""
        where = self.world.repository(repository)
        target: Any = self.world.issue(where, number)
        if comment is not None:
            target = self.world.comment(where, comment)
        return [view_issues.reaction(self.world, r) for r in target.reactions]

    async def branches(self, repository: str) -> dict[str, str]:
        """Branch to commit."""
        refs = await self.world.repository(repository).git.refs("refs/heads/")
        return {name.removeprefix("refs/heads/"): sha for name, sha in refs.items()}

    async def commits(self, repository: str, ref: str) -> list[Json]:
        """Newest first: `sha`, `message`, `author` and `email`."""
        git = self.world.repository(repository).git
        sha = await git.resolve(ref)
        if sha is None:
            raise Problem(404, f"{ref}: no such commit in {repository}")
        return [
            {
                "sha": c.sha,
                "message": c.message,
                "author": c.author.name,
                "email": c.author.email,
            }
            for c in await git.log(sha)
        ]

    async def file(self, repository: str, ref: str, path: str) -> str | None:
        """The text at *path*; None where there is no such file."""
        git = self.world.repository(repository).git
        found = await git.entries(await git.resolve(ref) or ref, path)
        if not found or found[0].kind != "blob":
            return None
        return (await git.blob(found[0].sha)).decode(errors="replace")

    async def sent(self) -> list[Json]:
        """Every recorded delivery with its payload, oldest first."""
        return [deliveries.full(d) for d in self.forge.deliveries.recorded]
