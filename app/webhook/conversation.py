"""Our side of one repository's conversations: reactions, answers said once, people's permissions."""

from __future__ import annotations

from typing import Any, get_args

from app.github.client import GitHub, quoted, repository_path
from app.github.errors import NotFound
from app.webhook.intents import React, Word
from app.webhook.locks import Locks


class Conversation:
    """With the report token of one repository; *own_login* is the author of our comments.

    *locks* are shared by all conversations: workers of one process may be asked the same at once.
    """

    def __init__(self, github: GitHub, repository: str, own_login: str, locks: Locks) -> None:
        self.github = github
        self.repository = repository
        self._path = repository_path(repository)
        self._own_login = own_login
        self._locks = locks
        self._permissions: dict[str, Word] = {}

    async def permission(self, login: str) -> Word:
        """What GitHub says *login* may do here; asked once per conversation.

        Not the author association: it does not tell write from triage.
        """
        if login not in self._permissions:
            self._permissions[login] = await self._asked(login)
        return self._permissions[login]

    async def _asked(self, login: str) -> Word:
        path = f"{self._path}/collaborators/{quoted(login)}/permission"
        try:
            word = (await self.github.get(path))["permission"]
        except NotFound:
            return "none"
        known: tuple[Word, ...] = get_args(Word)
        return next((w for w in known if w == word), "none")

    async def react(self, reaction: React) -> None:
        """Add the reaction; GitHub keeps one of each kind per author."""
        about = (
            f"issues/{reaction.number}"
            if reaction.comment is None
            else f"issues/comments/{reaction.comment}"
        )
        await self.github.post(f"{self._path}/{about}/reactions", {"content": reaction.content})

    async def say_once(self, number: int, marker: str, text: str) -> None:
        """Comment *text*, unless a comment of ours with *marker* is there."""
        path = f"{self._path}/issues/{number}/comments"
        async with self._locks.of("say", self.repository, number):
            async for comment in self.github.pages(path):
                if marker in (comment.get("body") or "") and self.is_ours(comment):
                    return
            await self.github.post(path, {"body": f"{text}\n\n{marker}"})

    def is_ours(self, comment: dict[str, Any]) -> bool:
        author = comment.get("user") or {}
        return bool(author.get("login") == self._own_login and author.get("type") == "Bot")

    async def issue(self, number: int) -> dict[str, Any]:
        """An issue, or a pull request's issue side; waited for, as an event told of it."""
        found: dict[str, Any] = await self.github.get(f"{self._path}/issues/{number}", new=True)
        return found

    async def pull_request(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = await self.github.get(f"{self._path}/pulls/{number}", new=True)
        return found

    def comments(self, number: int, limit: int) -> Any:
        """The comments of an issue, oldest first."""
        return self.github.pages(f"{self._path}/issues/{number}/comments", limit=limit)
