"""What people do in the browser, and what a test wants to know: the Python side of this GitHub.

Everything here works on JSON values and gives JSON values, in GitHub's shapes, so that the same
methods serve other processes through `/_local/`. What GitHub's pages would not let a person do is
refused with `Problem`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.demo.github import (
    change_checks,
    change_issues,
    change_pulls,
    change_reviews,
)
from app.demo.github.api_pulls import merge_checked, open_checked
from app.demo.github.api_reviews import placed_comments
from app.demo.github.bare import ZERO, Content
from app.demo.github.change_refs import after_push, heads
from app.demo.github.merge_group import request_merge_group
from app.demo.github.outside import report_check, report_status
from app.demo.github.problems import unprocessable
from app.demo.github.set_up import SetUp
from app.demo.github.view_accounts import Json
from app.demo.github.view_issues import comment as comment_view
from app.demo.github.view_issues import issue as issue_view
from app.demo.github.view_issues import reaction as reaction_view
from app.demo.github.view_pulls import pull as pull_view
from app.demo.github.view_pulls import review as review_view


class LocalGitHub(SetUp):
    """*repository* is always `owner/name`, *user* a login, *number* an issue's or pull's."""

    # issues

    async def open_issue(
        self,
        repository: str,
        user: str,
        title: str,
        body: str | None = None,
        labels: Sequence[str] = (),
    ) -> Json:
        author = self._account(user)
        where = self._reached(repository, author, "triage" if labels else "read")
        issue = change_issues.open_issue(
            self.forge, where, author, title=title, body=body, labels=list(labels)
        )
        return issue_view(self.world, issue)

    async def edit_issue(
        self,
        repository: str,
        number: int,
        user: str,
        title: str | None = None,
        body: str | None = None,
    ) -> None:
        issue, actor = self._issue(repository, number, user, "read")
        self._own_or(issue.user, actor, issue.repository, "write")
        change_issues.edit_issue(self.forge, issue, actor, title=title, body=body)

    async def comment(self, repository: str, number: int, user: str, body: str) -> Json:
        issue, author = self._issue(repository, number, user, "read")
        made = change_issues.add_comment(self.forge, issue, author, body)
        return comment_view(self.world, made)

    async def edit_comment(self, repository: str, comment: int, user: str, body: str) -> None:
        found, actor = self.world.comment(self.world.repository(repository), comment), user
        self._own_or(found.user, self._account(actor), found.issue.repository, "write")
        change_issues.edit_comment(self.forge, found, self._account(actor), body)

    async def delete_comment(self, repository: str, comment: int, user: str) -> None:
        found, actor = self.world.comment(self.world.repository(repository), comment), user
        self._own_or(found.user, self._account(actor), found.issue.repository, "write")
        change_issues.delete_comment(self.forge, found, self._account(actor))

    async def label(self, repository: str, number: int, user: str, name: str) -> None:
        issue, actor = self._issue(repository, number, user, "triage")
        change_issues.add_labels(self.forge, issue, [name], actor)

    async def unlabel(self, repository: str, number: int, user: str, name: str) -> None:
        issue, actor = self._issue(repository, number, user, "triage")
        for label in [x for x in issue.labels if x.name.lower() == name.lower()]:
            change_issues.remove_label(self.forge, issue, label, actor)

    async def close(
        self, repository: str, number: int, user: str, reason: str = "completed"
    ) -> None:
        """An issue or a pull request."""
        issue, actor = self._issue(repository, number, user, "read")
        self._own_or(issue.user, actor, issue.repository, "triage")
        change_issues.close_issue(self.forge, issue, actor, reason=reason)

    async def reopen(self, repository: str, number: int, user: str) -> None:
        issue, actor = self._issue(repository, number, user, "read")
        self._own_or(issue.user, actor, issue.repository, "triage")
        change_issues.reopen_issue(self.forge, issue, actor)

    async def react(
        self, repository: str, number: int, user: str, content: str, comment: int | None = None
    ) -> Json:
        """To the issue, or to one of its comments."""
        issue, actor = self._issue(repository, number, user, "read")
        target = issue if comment is None else self.world.comment(issue.repository, comment)
        return reaction_view(self.world, change_issues.react(self.forge, target, actor, content)[0])

    # branches and pull requests

    async def push(
        self,
        repository: str,
        branch: str,
        user: str,
        files: Mapping[str, Content],
        *,
        message: str = "Change files",
        base: str | None = None,
    ) -> str:
        """One commit on *branch*, which begins at *base* (the default branch) if it is new."""
        actor = self._account(user)
        where = self._reached(repository, actor, "write")
        async with where.pushing:
            before = await heads(where)
            parent = before.get(f"refs/heads/{branch}")
            if parent is None:
                parent = await where.git.resolve(base or where.default_branch)
            sha = await where.git.commit_files(
                branch,
                files,
                message=message,
                author=self.world.signature(actor),
                parent=parent,
            )
            await after_push(self.forge, where, before, actor)
        return sha

    async def delete_branch(self, repository: str, branch: str, user: str) -> None:
        actor = self._account(user)
        where = self._reached(repository, actor, "write")
        async with where.pushing:
            before = await heads(where)
            await where.git.update_ref(f"refs/heads/{branch}", ZERO)
            await after_push(self.forge, where, before, actor)

    async def open_pull_request(
        self,
        repository: str,
        user: str,
        title: str,
        head: str,
        *,
        base: str | None = None,
        body: str | None = None,
        draft: bool = False,
    ) -> Json:
        """*head* is a branch, or `owner:branch` of a fork."""
        author = self._account(user)
        where = self._reached(repository, author, "read")
        pull = await open_checked(
            self.forge,
            where,
            author,
            title=title,
            body=body,
            head=head,
            base=base or where.default_branch,
            draft=draft,
        )
        return pull_view(self.world, pull)

    async def set_draft(self, repository: str, number: int, user: str, *, draft: bool) -> None:
        pull, actor = self._pull(repository, number, user, "read")
        self._own_or(pull.issue.user, actor, pull.repository, "write")
        change_pulls.set_draft(self.forge, pull, actor, draft=draft)

    async def merge(self, repository: str, number: int, user: str, method: str = "merge") -> str:
        """The merge commit."""
        pull, actor = self._pull(repository, number, user, "write")
        async with pull.repository.pushing:
            return await merge_checked(self.forge, pull, actor, method=method)

    async def submit_review(
        self,
        repository: str,
        number: int,
        user: str,
        event: change_reviews.Event,
        *,
        body: str = "",
        comments: Sequence[Mapping[str, Any]] = (),
    ) -> Json:
        """*comments* as in the REST API: `path`, `body`, `line`, `side`, `start_line`."""
        pull, author = self._pull(repository, number, user, "read")
        if refusal := change_reviews.judging_oneself(pull, author, event):
            raise unprocessable(refusal)
        await change_pulls.refresh(pull)
        review = change_reviews.add_review(
            self.forge,
            pull,
            author,
            body=body,
            event=event,
            commit_id=pull.head_sha,
            comments=placed_comments(pull, [dict(c) for c in comments]),
        )
        return review_view(self.world, review)

    async def request_merge_group(self, repository: str, numbers: Sequence[int], user: str) -> Json:
        """Put pull requests into a merge queue's group: `merge_group.checks_requested`."""
        actor = self._account(user)
        where = self._reached(repository, actor, "write")
        pulls = [self.world.pull(where, n) for n in numbers]
        async with where.pushing:
            return await request_merge_group(self.forge, where, pulls, actor)

    # checks

    async def press_button(
        self, repository: str, check_run: int, user: str, identifier: str
    ) -> None:
        run, actor = self._run(repository, check_run, user)
        change_checks.press(self.forge, run, actor, identifier)

    async def rerequest_check_run(self, repository: str, check_run: int, user: str) -> None:
        run, actor = self._run(repository, check_run, user)
        change_checks.rerequest_run(self.forge, run, actor)

    async def rerequest_check_suite(self, repository: str, check_suite: int, user: str) -> None:
        actor = self._account(user)
        where = self._reached(repository, actor, "write")
        suite = next(s for s in where.check_suites if s.id == check_suite)
        await change_checks.rerequest_suite(self.forge, suite, actor)

    async def report_status(
        self,
        repository: str,
        sha: str,
        *,
        context: str,
        state: str,
        user: str,
        description: str | None = None,
        target_url: str | None = None,
    ) -> Json:
        """A commit status, as an outside CI sets it."""
        actor = self._account(user)
        where = self._reached(repository, actor, "write")
        return await report_status(
            self.forge,
            where,
            actor,
            sha=sha,
            context=context,
            state=state,
            description=description,
            target_url=target_url,
        )

    async def report_check(
        self,
        repository: str,
        sha: str,
        name: str,
        conclusion: str,
        *,
        title: str = "",
        summary: str = "",
        text: str = "",
    ) -> Json:
        """A concluded check run of another App, `github-actions`."""
        where = self.world.repository(repository)
        return await report_check(
            self.forge, where, sha, name, conclusion, title=title, summary=summary, text=text
        )
