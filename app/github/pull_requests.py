"""Our own pull request: found before it is opened, opened as a draft where there are drafts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import structlog

from app.github import pull_request_text
from app.github.client import GitHub, repository_path
from app.github.errors import Forbidden, GitHubError, NotFound, Outage, RateLimited, Rejected
from loop.codehost import CodeHostError, PullRequestSeen, PullRequestWanted

log = structlog.get_logger(__name__)

Json = Mapping[str, Any]


class PullRequests:
    """With the task's token. *template* None: the repository's own is looked for."""

    def __init__(self, github: GitHub, template: str | None = None) -> None:
        self._github = github
        self._template = template

    async def ensure(self, wanted: PullRequestWanted) -> PullRequestSeen:
        """The open one from head to base. Raises `CodeHostError`."""
        try:
            found = await self._find(wanted)
            if found is None:
                return await self._open(wanted)
            await self._refresh(found, wanted)
            return _seen(found)
        except GitHubError as exc:
            temporary = isinstance(exc, Outage | RateLimited)
            raise CodeHostError(str(exc), temporary=temporary) from exc

    async def _refresh(self, pull: Json, wanted: PullRequestWanted) -> None:
        """Our part of its text says what is wanted now; one that people took out stays out."""
        before = pull.get("body") or ""
        if not pull_request_text.holds_part(before):
            return
        after = pull_request_text.refreshed(before, wanted.body, issue=wanted.issue)
        if after == before:
            return
        path = f"{repository_path(wanted.repository)}/pulls/{pull['number']}"
        try:
            await self._github.patch(path, {"body": after})
        except (Forbidden, Rejected) as exc:
            log.warning("pull_request.text_not_refreshed", error=str(exc))

    async def _find(self, wanted: PullRequestWanted) -> Json | None:
        """The open one from head to base. None: there is none, whatever was closed before."""
        root = repository_path(wanted.repository)
        owner, branch = _head(wanted)
        pages = self._github.pages(
            f"{root}/pulls", state="open", head=f"{owner}:{branch}", base=wanted.base
        )
        async for pull in pages:
            # GitHub ignores a filter that it does not understand.
            head = pull["head"]
            theirs = ((head.get("repo") or {}).get("owner") or {}).get("login", "")
            if head["ref"] == branch and theirs.lower() == owner.lower():
                return pull
        return None

    async def _open(self, wanted: PullRequestWanted) -> PullRequestSeen:
        template = self._template
        if template is None:
            template = await self._find_template(wanted.repository, wanted.base)
        text = pull_request_text.body(wanted.body, template=template, issue=wanted.issue)
        try:
            return await self._post(wanted, text, draft=wanted.draft)
        except Rejected as exc:
            if exc.mentions("already exists"):
                return await self._opened_meanwhile(wanted, exc)
            if not (wanted.draft and exc.mentions("draft")):
                raise
        # Private repositories on free plans have no drafts.
        return await self._post(wanted, text, draft=False)

    async def _opened_meanwhile(self, wanted: PullRequestWanted, exc: Rejected) -> PullRequestSeen:
        found = await self._find(wanted)
        if found is None:
            raise exc
        return _seen(found)

    async def _post(self, wanted: PullRequestWanted, text: str, *, draft: bool) -> PullRequestSeen:
        made = await self._github.post(
            f"{repository_path(wanted.repository)}/pulls",
            {
                "title": pull_request_text.title(
                    wanted.title, draft_refused=wanted.draft and not draft
                ),
                "head": wanted.head,
                "base": wanted.base,
                "body": text,
                "draft": draft,
                "maintainer_can_modify": True,
            },
        )
        return _seen(made)

    async def _find_template(self, repository: str, base: str) -> str:
        """The repository's pull request template; "" where it has none."""
        root = f"{repository_path(repository)}/contents"
        for folder in pull_request_text.template_folders():
            try:
                listing = await self._github.get(f"{root}/{folder}".rstrip("/"), ref=base)
            except (NotFound, Forbidden):
                continue
            files = [entry["name"] for entry in listing if entry["type"] == "file"]
            if name := pull_request_text.template_among(files):
                path = f"{folder}/{name}".lstrip("/")
                return _text(await self._github.get(f"{root}/{path}", ref=base))
        return ""


def _head(wanted: PullRequestWanted) -> tuple[str, str]:
    """Owner and branch."""
    owner, colon, branch = wanted.head.partition(":")
    return (owner, branch) if colon else (wanted.repository.partition("/")[0], wanted.head)


def _seen(pull: Json) -> PullRequestSeen:
    return PullRequestSeen(
        number=pull["number"],
        url=pull["html_url"],
        draft=bool(pull.get("draft")),
        head_sha=pull["head"]["sha"],
        base_sha=pull["base"]["sha"],
    )


def _text(file: Json) -> str:
    try:
        return base64.b64decode(file.get("content") or "").decode("utf-8", "replace")
    except binascii.Error:
        return ""
