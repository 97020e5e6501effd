"""Plain pages at the `html_url`s, so that a person can look at what was done. No scripts."""

from __future__ import annotations

import html

from aiohttp import web

from app.demo.github.change_pulls import refresh
from app.demo.github.entities import CheckRun, Issue, PullRequest, Repository, Review
from app.demo.github.forge import Forge
from app.demo.github.problems import Problem
from app.demo.github.view_issues import kind_url
from app.demo.github.world import stamp

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1f2328; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
a { color: #0969da } small, .muted { color: #59636e }
article { border: 1px solid #d1d9e0; border-radius: 6px; padding: .5rem 1rem; margin: 1rem 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, monospace; margin: .5rem 0 }
.add { background: #dafbe1 } .cut { background: #ffebe9 } .at { color: #59636e }
.tag { border: 1px solid #d1d9e0; border-radius: 1em; padding: 0 .6em; font-size: 13px }
"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def _text(value: object) -> str:
    return html.escape(str(value))


def _page(title: str, *parts: str) -> web.Response:
    text = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{_text(title)}</title>"
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>"
    )
    return web.Response(text=text, content_type="text/html", headers=_HEADERS)


def _link(address: str, text: object) -> str:
    return f'<a href="{_text(address)}">{_text(text)}</a>'


def _body(text: str | None) -> str:
    return f"<pre>{_text(text)}</pre>" if text else '<p class="muted">No description.</p>'


class Pages:
    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get("/{owner}/{repo}", self._repository)
        router.add_get("/{owner}/{repo}/issues/{number:\\d+}", self._issue)
        router.add_get("/{owner}/{repo}/pull/{number:\\d+}", self._issue)
        router.add_get("/{owner}/{repo}/runs/{number:\\d+}", self._run)
        router.add_get("/{owner}/{repo}/runs/{number:\\d+}/log", self._log)

    def _found(self, request: web.Request) -> Repository:
        try:
            return self._forge.world.repository(
                f"{request.match_info['owner']}/{request.match_info['repo']}"
            )
        except Problem as problem:
            raise web.HTTPNotFound from problem

    async def _repository(self, request: web.Request) -> web.Response:
        where = self._found(request)
        rows = [
            f"<li>{_state(i)} {_link(f'/{where.full_name}/{kind_url(i)}/{i.number}', i.title)} "
            f"<small>#{i.number} by {_text(i.user.login)}</small></li>"
            for i in reversed(where.issues.values())
        ]
        about = f"<p>{_text(where.description or '')}</p>"
        return _page(
            where.full_name,
            f"<h1>{_text(where.full_name)}</h1>",
            about,
            f"<ul>{''.join(rows)}</ul>",
        )

    async def _issue(self, request: web.Request) -> web.Response:
        where = self._found(request)
        issue = where.issues.get(int(request.match_info["number"]))
        if issue is None:
            raise web.HTTPNotFound
        parts = [_head(issue), f"<article>{_body(issue.body)}</article>"]
        parts += [
            _entry(c.user.login, "commented", stamp(c.created_at), c.body, f"issuecomment-{c.id}")
            for c in issue.comments
        ]
        if issue.pull:
            await refresh(issue.pull)
            parts += _pull_parts(issue.pull)
        return _page(f"{issue.title} · #{issue.number}", *parts)

    async def _run(self, request: web.Request) -> web.Response:
        run = self._found(request).check_runs.get(int(request.match_info["number"]))
        if run is None:
            raise web.HTTPNotFound
        notes = [
            f"<article><b>{_text(a.annotation_level)}</b> {_text(a.path)}:{a.start_line}"
            f"<pre>{_text(a.message)}</pre></article>"
            for a in run.annotations
        ]
        head = f"<h1>{_text(run.name)}</h1><p>{_check_word(run)} for {_text(run.head_sha)}</p>"
        output = f"<h2>{_text(run.title or '')}</h2>{_body(run.summary)}{_body(run.text)}"
        return _page(run.name, head, output, *notes)

    async def _log(self, request: web.Request) -> web.Response:
        """Where the log of a job is redirected to: what the run's `text` is."""
        run = self._found(request).check_runs.get(int(request.match_info["number"]))
        if run is None:
            raise web.HTTPNotFound
        return web.Response(text=run.text or "")


def _state(issue: Issue) -> str:
    word: str = issue.state
    if issue.pull and issue.pull.merged_at:
        word = "merged"
    elif issue.pull and issue.pull.draft and word == "open":
        word = "draft"
    return f'<span class="tag">{word}</span>'


def _head(issue: Issue) -> str:
    where = issue.repository.full_name
    labels = " ".join(f'<span class="tag">{_text(x.name)}</span>' for x in issue.labels)
    ends = ""
    if issue.pull:
        ends = f" · {_text(issue.pull.head_ref)} into {_text(issue.pull.base_ref)}"
    return (
        f"<p>{_link(f'/{where}', where)}</p><h1>{_text(issue.title)} "
        f'<span class="muted">#{issue.number}</span></h1>'
        f"<p>{_state(issue)} {labels} <small>{_text(issue.user.login)}, "
        f"{stamp(issue.created_at)}{ends}</small></p>"
    )


def _entry(who: str, did: str, when: str, body: str | None, anchor: str) -> str:
    return (
        f'<article id="{_text(anchor)}"><small><b>{_text(who)}</b> {_text(did)}, {when}</small>'
        f"{_body(body)}</article>"
    )


def _check_word(run: CheckRun) -> str:
    return _text(run.conclusion or run.status)


def _pull_parts(pull: PullRequest) -> list[str]:
    where = pull.repository
    runs = [r for r in where.check_runs.values() if r.head_sha == pull.head_sha]
    checks = [
        f"<li>{_link(f'/{where.full_name}/runs/{r.id}', r.name)}: {_check_word(r)} "
        f"<small>{_text(r.title or '')}</small></li>"
        for r in runs
    ]
    parts = ["<h2>Reviews</h2>", *(_review(r) for r in pull.reviews if r.state != "PENDING")]
    parts += ["<h2>Checks</h2>", f"<ul>{''.join(checks)}</ul>", "<h2>Files changed</h2>"]
    for file in pull.comparison.files:
        lines = "\n".join(_diff_line(line) for line in (file.patch or "").split("\n"))
        counts = f"+{file.additions} -{file.deletions}"
        parts.append(
            f"<article><b>{_text(file.path)}</b> <small>{counts}</small><pre>{lines}</pre></article>"
        )
    return parts


def _review(review: Review) -> str:
    when = stamp(review.submitted_at or review.created_at)
    did = review.state.replace("_", " ").lower()
    entry = _entry(review.user.login, did, when, review.body, f"pullrequestreview-{review.id}")
    comments = [
        _entry(c.user.login, f"on {c.path}:{c.line}", when, c.body, f"discussion_r{c.id}")
        for c in review.pull.review_comments
        if c.review is review
    ]
    return entry + "".join(comments)


def _diff_line(line: str) -> str:
    kind = {"+": "add", "-": "cut", "@": "at"}.get(line[:1], "")
    return f'<span class="{kind}">{_text(line)}</span>'
