"""The one endpoint of GitHub Actions that is used: the log of a job."""

from __future__ import annotations

from app.demo.github.call import Call, Reply, Routes
from app.demo.github.problems import not_found


async def job_log(call: Call) -> Reply:
    """A redirect to the text. A job of GitHub Actions has the id of its check run."""
    run = call.repository.check_runs.get(call.number("job_id"))
    if run is None or run.app.slug != "github-actions":
        raise not_found()
    location = f"{call.world.url}/{call.repository.full_name}/runs/{run.id}/log"
    return Reply(302, None, {"Location": location})


ROUTES: Routes = (("GET", "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs", job_log),)
