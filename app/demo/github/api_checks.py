"""Endpoints of check runs, check suites and commit statuses."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from app.demo.github import change_checks as change
from app.demo.github import view_checks as view
from app.demo.github.api_repositories import no_commit
from app.demo.github.call import Call, Reply, Routes, chosen, paged, required_text, typed
from app.demo.github.entities import Annotation, CheckRun, CheckSuite, Status
from app.demo.github.problems import Problem, bad_request, not_accessible, not_found

CONCLUSIONS = (
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "stale",
    "timed_out",
)
_STATUSES = ("queued", "in_progress", "completed", "waiting", "requested", "pending")
_LONGEST_OUTPUT = 65_535
_MOST_ANNOTATIONS = 50
_MOST_ACTIONS = 3
_ACTION_LENGTHS = {"label": 20, "description": 40, "identifier": 20}


def _run(call: Call) -> CheckRun:
    found = call.repository.check_runs.get(call.number("check_run_id"))
    if found is None:
        raise not_found()
    return found


def _suite(call: Call) -> CheckSuite:
    number = call.number("check_suite_id")
    for suite in call.repository.check_suites:
        if suite.id == number:
            return suite
    raise not_found()


async def create_run(call: Call) -> Reply:
    name, sha = str(call.text("name")), str(call.text("head_sha"))
    if not re.fullmatch(r"[0-9a-f]{40}", sha) or await call.repository.git.resolve(sha) is None:
        raise no_commit(sha)
    run = blank_run(call, name, sha)
    update_run_fields(call, run)
    await change.add_check_run(call.forge, call.repository, run)
    return Reply(201, view.check_run(call.world, run))


def blank_run(call: Call, name: str, sha: str) -> CheckRun:
    now = call.world.clock()
    suite = CheckSuite(
        app=call.app,
        repository=call.repository,
        head_sha=sha,
        head_branch=None,
        before=None,
        after=None,
        created_at=now,
        updated_at=now,
    )
    return CheckRun(
        app=call.app,
        suite=suite,
        name=name,
        head_sha=sha,
        started_at=now,
        created_at=now,
        updated_at=now,
    )


def update_run_fields(call: Call, run: CheckRun) -> None:
    """Read the whole body before changing *run*: a refused request leaves no trace."""
    conclusion = call.choice("conclusion", CONCLUSIONS, None)
    if conclusion == "stale":
        raise bad_request('"stale" is not a member of the conclusions an App may set.')
    default = "completed" if conclusion else run.status
    status = call.choice("status", _STATUSES, default)
    if status == "completed" and not conclusion and not run.conclusion:
        raise bad_request('"conclusion" wasn\'t supplied.')
    name, external = call.text("name", run.name), call.text("external_id", run.external_id)
    details = call.text("details_url", run.details_url)
    if details and not re.match(r"https?://", details):
        raise Problem(422, "Validation Failed", errors=["details_url must use http or https"])
    started = _moment(call, "started_at", run.started_at)
    completed_at = _moment(call, "completed_at", None)
    actions = [_action(a) for a in call.items("actions", most=_MOST_ACTIONS)]
    output = call.mapping("output")
    found = _output(call, output, run) if output is not None else None

    run.name, run.external_id, run.details_url, run.started_at = name, external, details, started
    run.status = "completed" if conclusion else status
    run.conclusion = conclusion or (run.conclusion if status == "completed" else None)
    run.completed_at = None
    if run.status == "completed":
        run.completed_at = completed_at or call.world.clock()
    if call.given("actions"):
        run.actions = actions
    if found is not None:
        run.title, run.summary, run.text, annotations = found
        run.annotations += annotations
    call.world.touch(run)


def _moment(call: Call, name: str, default: datetime | None) -> datetime | None:
    text = call.text(name, None)
    if text is None:
        return default
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise bad_request(f"For 'properties/{name}', {text!r} is not a valid date-time.") from exc
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _limited(body: dict[str, Any], name: str, most: int) -> str | None:
    value: str | None = typed(body, name, str, "a string", None)
    if value is not None and len(value) > most:
        raise bad_request(f"Only {most} characters are allowed; {len(value)} were supplied.")
    return value


def _action(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise bad_request("An action is not an object.")
    for name in _ACTION_LENGTHS:
        required_text(value, name)
    return {name: _limited(value, name, most) or "" for name, most in _ACTION_LENGTHS.items()}


def _output(
    call: Call, output: dict[str, Any], run: CheckRun
) -> tuple[str | None, str, str | None, list[Annotation]]:
    """Title, summary, text and the new annotations, which are added to the old ones."""
    summary = _limited(output, "summary", _LONGEST_OUTPUT)
    if summary is None:
        raise bad_request('"summary" wasn\'t supplied.')
    title = typed(output, "title", str, "a string", None)
    if title is None and call.method == "POST":
        raise bad_request('"title" wasn\'t supplied.')
    values = typed(output, "annotations", list, "an array", [])
    if len(values) > _MOST_ANNOTATIONS:
        raise bad_request(
            f"No more than {_MOST_ANNOTATIONS} items are allowed; {len(values)} were supplied."
        )
    text = _limited(output, "text", _LONGEST_OUTPUT)
    return title or run.title, summary, text, [_annotation(v) for v in values]


def _annotation(value: Any) -> Annotation:
    if not isinstance(value, dict):
        raise bad_request("An annotation is not an object.")
    start = typed(value, "start_line", int, "an integer", None)
    end = typed(value, "end_line", int, "an integer", None)
    if start is None or end is None:
        raise bad_request('"start_line" or "end_line" wasn\'t supplied.')
    columns = [typed(value, f"{e}_column", int, "an integer", None) for e in ("start", "end")]
    if start != end and any(c is not None for c in columns):
        raise bad_request("Columns are only allowed where start_line and end_line are equal.")
    return Annotation(
        path=required_text(value, "path"),
        start_line=start,
        end_line=end,
        annotation_level=chosen(value, "annotation_level", ("notice", "warning", "failure")),
        message=required_text(value, "message"),
        start_column=columns[0],
        end_column=columns[1],
        title=_limited(value, "title", 255),
        raw_details=_limited(value, "raw_details", 64 * 1024),
    )


async def get_run(call: Call) -> Reply:
    return Reply(body=view.check_run(call.world, _run(call)))


async def update_run(call: Call) -> Reply:
    """Only the App that made a run may change it."""
    run = _run(call)
    if run.app is not call.app:
        raise Problem(
            403,
            "Invalid app_id `"
            + str(call.app.id)
            + "` - check run can only be modified by the GitHub App that created it.",
        )
    was = run.status
    update_run_fields(call, run)
    if run.status == "completed" and was != "completed":
        await change.completed(call.forge, run)
    return Reply(body=view.check_run(call.world, run))


async def list_annotations(call: Call) -> Reply:
    run = _run(call)
    return paged(
        call, run.annotations, lambda a: view.annotation(call.world, call.repository, run, a)
    )


async def rerequest_run(call: Call) -> Reply:
    run = _run(call)
    if run.app is not call.app:
        raise not_accessible()
    change.rerequest_run(call.forge, run, call.bot)
    return Reply(201, {})


async def _sha(call: Call) -> str:
    name = call.parameters["ref"]
    sha = await call.repository.git.resolve(name)
    if sha is None:
        raise no_commit(name)
    return sha


def _listed(call: Call, runs: list[CheckRun]) -> Reply:
    wanted = call.query.get("status")
    found = [r for r in runs if wanted in (None, r.status)]
    return paged(
        call,
        sorted(found, key=lambda r: -r.id),
        lambda r: view.check_run(call.world, r),
        lambda shown: {"total_count": len(found), "check_runs": shown},
    )


async def list_runs(call: Call) -> Reply:
    app_id = call.query.get("app_id", "")
    found = change.runs_for(
        call.repository,
        await _sha(call),
        name=call.query.get("check_name"),
        app_id=int(app_id) if app_id.isdigit() else None,
        latest=call.query.get("filter", "latest") == "latest",
    )
    return _listed(call, found)


async def list_suite_runs(call: Call) -> Reply:
    suite = _suite(call)
    name = call.query.get("check_name")
    found = [r for r in view.latest_runs(suite) if name in (None, r.name)]
    return _listed(call, found)


async def _suite_view(call: Call, suite: CheckSuite) -> Any:
    head = await call.repository.git.commit(suite.head_sha)
    return view.check_suite(call.world, suite, head)


async def get_suite(call: Call) -> Reply:
    return Reply(body=await _suite_view(call, _suite(call)))


async def list_suites(call: Call) -> Reply:
    sha = await _sha(call)
    found = [s for s in call.repository.check_suites if s.head_sha == sha]
    views = {s.id: await _suite_view(call, s) for s in found}
    return paged(
        call,
        found,
        lambda s: views[s.id],
        lambda shown: {"total_count": len(found), "check_suites": shown},
    )


async def rerequest_suite(call: Call) -> Reply:
    suite = _suite(call)
    if suite.app is not call.app:
        raise not_accessible()
    await change.rerequest_suite(call.forge, suite, call.bot)
    return Reply(201, {})


async def combined_status(call: Call) -> Reply:
    return Reply(body=view.combined_status(call.world, call.repository, await _sha(call)))


async def list_statuses(call: Call) -> Reply:
    sha = await _sha(call)
    found = [s for s in reversed(call.repository.statuses) if s.sha == sha]
    return paged(call, found, lambda s: view.status(call.world, call.repository, s))


async def create_status(call: Call) -> Reply:
    sha = call.parameters["sha"]
    if await call.repository.git.resolve(sha) is None:
        raise no_commit(sha)
    now = call.world.clock()
    status = Status(
        sha=sha,
        state=call.choice("state", ("error", "failure", "pending", "success")),
        context=call.text("context", "default"),
        creator=call.bot,
        description=_limited(call.body, "description", 140),
        target_url=call.text("target_url", None),
        created_at=now,
        updated_at=now,
    )
    await change.add_status(call.forge, call.repository, status)
    return Reply(201, view.status(call.world, call.repository, status))


_RUN = "/repos/{owner}/{repo}/check-runs/{check_run_id}"
_SUITE = "/repos/{owner}/{repo}/check-suites/{check_suite_id}"
ROUTES: Routes = (
    ("POST", "/repos/{owner}/{repo}/check-runs", create_run),
    ("GET", _RUN, get_run),
    ("PATCH", _RUN, update_run),
    ("GET", f"{_RUN}/annotations", list_annotations),
    ("POST", f"{_RUN}/rerequest", rerequest_run),
    ("GET", _SUITE, get_suite),
    ("GET", f"{_SUITE}/check-runs", list_suite_runs),
    ("POST", f"{_SUITE}/rerequest", rerequest_suite),
    ("GET", "/repos/{owner}/{repo}/commits/{ref:.+}/check-runs", list_runs),
    ("GET", "/repos/{owner}/{repo}/commits/{ref:.+}/check-suites", list_suites),
    ("GET", "/repos/{owner}/{repo}/commits/{ref:.+}/status", combined_status),
    ("GET", "/repos/{owner}/{repo}/commits/{ref:.+}/statuses", list_statuses),
    ("POST", "/repos/{owner}/{repo}/statuses/{sha}", create_status),
)
