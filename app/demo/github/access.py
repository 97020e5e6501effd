"""Which permission each endpoint asks of an installation token, as GitHub's documentation lists it.

A row: method, path, permissions, documentation page. `;` separates alternatives, `,` what is
needed together, as in the header `X-Accepted-GitHub-Permissions`. `app` is an endpoint for the
App's own JSON web token, `public` one for anybody, `token` one for any installation token.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.demo.github.problems import DOCS

_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}"
_COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}"
_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"
_EITHER_READ = "issues=read; pull_requests=read"
_EITHER_WRITE = "issues=write; pull_requests=write"

_TABLE = f"""
GET    /                                       | public | meta/meta#github-api-root
GET    /meta                                   | public | meta/meta
GET    /rate_limit                             | public | rate-limit/rate-limit
GET    /users/{{username}}                     | public | users/users#get-a-user
GET    /apps/{{app_slug}}                      | public | apps/apps#get-an-app
POST   /graphql                                | token  | ../graphql

GET    /app                                    | app | apps/apps#get-the-authenticated-app
GET    /app/installations                      | app | apps/apps#list-installations
GET    /app/installations/{{installation_id}}  | app | apps/apps#get-an-installation
POST   /app/installations/{{installation_id}}/access_tokens | app | apps/apps#create-an-installation-access-token-for-an-app
GET    /repos/{{owner}}/{{repo}}/installation  | app | apps/apps#get-a-repository-installation-for-the-authenticated-app
GET    /orgs/{{org}}/installation              | app | apps/apps#get-an-organization-installation
GET    /users/{{username}}/installation        | app | apps/apps#get-a-user-installation
GET    /app/hook/config                        | app | apps/webhooks#get-a-webhook-configuration-for-an-app
PATCH  /app/hook/config                        | app | apps/webhooks#update-a-webhook-configuration-for-an-app
GET    /app/hook/deliveries                    | app | apps/webhooks#list-deliveries-for-an-app-webhook
GET    /app/hook/deliveries/{{delivery_id}}    | app | apps/webhooks#get-a-delivery-for-an-app-webhook
POST   /app/hook/deliveries/{{delivery_id}}/attempts | app | apps/webhooks#redeliver-a-delivery-for-an-app-webhook
GET    /installation/repositories              | metadata=read | apps/installations
DELETE /installation/token                     | token | apps/installations#revoke-an-installation-access-token

GET    /repos/{{owner}}/{{repo}}               | metadata=read | repos/repos#get-a-repository
GET    /repos/{{owner}}/{{repo}}/collaborators | metadata=read | collaborators/collaborators#list-repository-collaborators
GET    /repos/{{owner}}/{{repo}}/collaborators/{{username}} | metadata=read | collaborators/collaborators#check-if-a-user-is-a-repository-collaborator
GET    /repos/{{owner}}/{{repo}}/collaborators/{{username}}/permission | metadata=read | collaborators/collaborators#get-repository-permissions-for-a-user
GET    /repos/{{owner}}/{{repo}}/contents      | contents=read | repos/contents#get-repository-content
GET    /repos/{{owner}}/{{repo}}/contents/{{path}} | contents=read | repos/contents#get-repository-content
GET    /repos/{{owner}}/{{repo}}/branches      | contents=read | branches/branches#list-branches
GET    /repos/{{owner}}/{{repo}}/branches/{{branch}} | contents=read | branches/branches#get-a-branch
GET    /repos/{{owner}}/{{repo}}/commits       | contents=read | commits/commits#list-commits
GET    /repos/{{owner}}/{{repo}}/commits/{{ref}} | contents=read | commits/commits#get-a-commit
GET    /repos/{{owner}}/{{repo}}/compare/{{basehead}} | contents=read | commits/commits#compare-two-commits
GET    /repos/{{owner}}/{{repo}}/git/commits/{{commit_sha}} | contents=read | git/commits#get-a-commit-object
GET    /repos/{{owner}}/{{repo}}/git/ref/{{ref}} | contents=read | git/refs#get-a-reference
GET    /repos/{{owner}}/{{repo}}/git/matching-refs/{{ref}} | contents=read | git/refs#list-matching-references
POST   /repos/{{owner}}/{{repo}}/git/refs      | contents=write | git/refs#create-a-reference
PATCH  /repos/{{owner}}/{{repo}}/git/refs/{{ref}} | contents=write | git/refs#update-a-reference
DELETE /repos/{{owner}}/{{repo}}/git/refs/{{ref}} | contents=write | git/refs#delete-a-reference

GET    /repos/{{owner}}/{{repo}}/issues        | issues=read | issues/issues#list-repository-issues
POST   /repos/{{owner}}/{{repo}}/issues        | issues=write | issues/issues#create-an-issue
GET    {_ISSUE}                                | issues=read | issues/issues#get-an-issue
PATCH  {_ISSUE}                                | {_EITHER_WRITE} | issues/issues#update-an-issue
GET    {_ISSUE}/comments                       | {_EITHER_READ} | issues/comments#list-issue-comments
POST   {_ISSUE}/comments                       | {_EITHER_WRITE} | issues/comments#create-an-issue-comment
GET    /repos/{{owner}}/{{repo}}/issues/comments | {_EITHER_READ} | issues/comments#list-issue-comments-for-a-repository
GET    {_COMMENT}                              | {_EITHER_READ} | issues/comments#get-an-issue-comment
PATCH  {_COMMENT}                              | {_EITHER_WRITE} | issues/comments#update-an-issue-comment
DELETE {_COMMENT}                              | {_EITHER_WRITE} | issues/comments#delete-an-issue-comment
GET    {_ISSUE}/labels                         | {_EITHER_READ} | issues/labels#list-labels-for-an-issue
POST   {_ISSUE}/labels                         | {_EITHER_WRITE} | issues/labels#add-labels-to-an-issue
DELETE {_ISSUE}/labels/{{name}}                | {_EITHER_WRITE} | issues/labels#remove-a-label-from-an-issue
GET    {_ISSUE}/events                         | {_EITHER_READ} | issues/events#list-issue-events
GET    {_ISSUE}/timeline                       | {_EITHER_READ} | issues/timeline#list-timeline-events-for-an-issue
GET    {_ISSUE}/reactions                      | issues=read | reactions/reactions#list-reactions-for-an-issue
POST   {_ISSUE}/reactions                      | issues=write | reactions/reactions#create-reaction-for-an-issue
DELETE {_ISSUE}/reactions/{{reaction_id}}      | issues=write | reactions/reactions#delete-an-issue-reaction
GET    {_COMMENT}/reactions                    | issues=read | reactions/reactions#list-reactions-for-an-issue-comment
POST   {_COMMENT}/reactions                    | issues=write | reactions/reactions#create-reaction-for-an-issue-comment
DELETE {_COMMENT}/reactions/{{reaction_id}}    | issues=write | reactions/reactions#delete-an-issue-comment-reaction
GET    /repos/{{owner}}/{{repo}}/labels        | {_EITHER_READ} | issues/labels#list-labels-for-a-repository
POST   /repos/{{owner}}/{{repo}}/labels        | {_EITHER_WRITE} | issues/labels#create-a-label
GET    /repos/{{owner}}/{{repo}}/labels/{{name}} | {_EITHER_READ} | issues/labels#get-a-label

GET    /repos/{{owner}}/{{repo}}/pulls         | pull_requests=read | pulls/pulls#list-pull-requests
POST   /repos/{{owner}}/{{repo}}/pulls         | pull_requests=write | pulls/pulls#create-a-pull-request
GET    {_PULL}                                 | pull_requests=read | pulls/pulls#get-a-pull-request
PATCH  {_PULL}                                 | pull_requests=write | pulls/pulls#update-a-pull-request
GET    {_PULL}/files                           | pull_requests=read | pulls/pulls#list-pull-requests-files
GET    {_PULL}/commits                         | pull_requests=read | pulls/pulls#list-commits-on-a-pull-request
GET    {_PULL}/merge                           | pull_requests=read | pulls/pulls#check-if-a-pull-request-has-been-merged
PUT    {_PULL}/merge                           | contents=write | pulls/pulls#merge-a-pull-request
GET    /repos/{{owner}}/{{repo}}/commits/{{commit_sha}}/pulls | pull_requests=read | commits/commits#list-pull-requests-associated-with-a-commit
GET    {_PULL}/reviews                         | pull_requests=read | pulls/reviews#list-reviews-for-a-pull-request
POST   {_PULL}/reviews                         | pull_requests=write | pulls/reviews#create-a-review-for-a-pull-request
GET    {_PULL}/reviews/{{review_id}}           | pull_requests=read | pulls/reviews#get-a-review-for-a-pull-request
PUT    {_PULL}/reviews/{{review_id}}           | pull_requests=write | pulls/reviews#update-a-review-for-a-pull-request
DELETE {_PULL}/reviews/{{review_id}}           | pull_requests=write | pulls/reviews#delete-a-pending-review-for-a-pull-request
GET    {_PULL}/reviews/{{review_id}}/comments  | pull_requests=read | pulls/reviews#list-comments-for-a-pull-request-review
POST   {_PULL}/reviews/{{review_id}}/events    | pull_requests=write | pulls/reviews#submit-a-review-for-a-pull-request
PUT    {_PULL}/reviews/{{review_id}}/dismissals | pull_requests=write | pulls/reviews#dismiss-a-review-for-a-pull-request
GET    {_PULL}/comments                        | pull_requests=read | pulls/comments#list-review-comments-on-a-pull-request
POST   {_PULL}/comments                        | pull_requests=write | pulls/comments#create-a-review-comment-for-a-pull-request
GET    /repos/{{owner}}/{{repo}}/pulls/comments/{{comment_id}} | pull_requests=read | pulls/comments#get-a-review-comment-for-a-pull-request
PATCH  /repos/{{owner}}/{{repo}}/pulls/comments/{{comment_id}} | pull_requests=write | pulls/comments#update-a-review-comment-for-a-pull-request
GET    /repos/{{owner}}/{{repo}}/pulls/comments/{{comment_id}}/reactions | pull_requests=read | reactions/reactions#list-reactions-for-a-pull-request-review-comment
POST   /repos/{{owner}}/{{repo}}/pulls/comments/{{comment_id}}/reactions | pull_requests=write | reactions/reactions#create-reaction-for-a-pull-request-review-comment

POST   /repos/{{owner}}/{{repo}}/check-runs    | checks=write | checks/runs#create-a-check-run
GET    /repos/{{owner}}/{{repo}}/check-runs/{{check_run_id}} | checks=read | checks/runs#get-a-check-run
PATCH  /repos/{{owner}}/{{repo}}/check-runs/{{check_run_id}} | checks=write | checks/runs#update-a-check-run
GET    /repos/{{owner}}/{{repo}}/check-runs/{{check_run_id}}/annotations | checks=read | checks/runs#list-check-run-annotations
POST   /repos/{{owner}}/{{repo}}/check-runs/{{check_run_id}}/rerequest | checks=write | checks/runs#rerequest-a-check-run
GET    /repos/{{owner}}/{{repo}}/commits/{{ref}}/check-runs | checks=read | checks/runs#list-check-runs-for-a-git-reference
GET    /repos/{{owner}}/{{repo}}/commits/{{ref}}/check-suites | checks=read | checks/suites#list-check-suites-for-a-git-reference
GET    /repos/{{owner}}/{{repo}}/check-suites/{{check_suite_id}} | checks=read | checks/suites#get-a-check-suite
GET    /repos/{{owner}}/{{repo}}/check-suites/{{check_suite_id}}/check-runs | checks=read | checks/runs#list-check-runs-in-a-check-suite
POST   /repos/{{owner}}/{{repo}}/check-suites/{{check_suite_id}}/rerequest | checks=write | checks/suites#rerequest-a-check-suite
GET    /repos/{{owner}}/{{repo}}/commits/{{ref}}/status | statuses=read | commits/statuses#get-the-combined-status-for-a-specific-reference
GET    /repos/{{owner}}/{{repo}}/commits/{{ref}}/statuses | statuses=read | commits/statuses#list-commit-statuses-for-a-reference
GET    /repos/{{owner}}/{{repo}}/actions/jobs/{{job_id}}/logs | actions=read | actions/workflow-jobs#download-job-logs-for-a-workflow-run
POST   /repos/{{owner}}/{{repo}}/statuses/{{sha}} | statuses=write | commits/statuses#create-a-commit-status
"""

# What an event needs before a subscription to it is served; events not named here need nothing.
EVENT_PERMISSIONS: dict[str, tuple[str, ...]] = {
    "check_run": ("checks",),
    "check_suite": ("checks",),
    "create": ("contents",),
    "delete": ("contents",),
    "issue_comment": ("issues", "pull_requests"),
    "issues": ("issues",),
    "label": ("issues", "pull_requests"),
    "merge_group": ("merge_queues",),
    "pull_request": ("pull_requests",),
    "pull_request_review": ("pull_requests",),
    "pull_request_review_comment": ("pull_requests",),
    "push": ("contents",),
    "repository": ("metadata",),
    "status": ("statuses",),
}
# Sent to every App without a subscription.
ALWAYS = frozenset({"installation", "installation_repositories", "ping"})
_LEVELS = {"": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True)
class Access:
    """*audience* is `app`, `public`, `token`, or `permission` with *alternatives* to choose from."""

    audience: str
    alternatives: tuple[dict[str, str], ...]
    text: str
    documentation_url: str


def _parse() -> dict[tuple[str, str], Access]:
    table = {}
    for line in filter(None, map(str.strip, _TABLE.splitlines())):
        endpoint, needs, page = (part.strip() for part in line.split("|"))
        method, path = endpoint.split()
        alternatives: tuple[dict[str, str], ...] = ()
        if "=" in needs:
            alternatives = tuple(
                dict(pair.strip().split("=") for pair in each.split(","))
                for each in needs.split(";")
            )
        audience = "permission" if alternatives else needs
        table[method, path] = Access(audience, alternatives, needs, f"{DOCS}/{page}")
    return table


ACCESS = _parse()


def allows(granted: dict[str, str], needed: dict[str, str]) -> bool:
    return all(_LEVELS[granted.get(name, "")] >= _LEVELS[level] for name, level in needed.items())


def exceeds(wanted: dict[str, str], granted: dict[str, str]) -> bool:
    """Whether *wanted* asks for more than *granted*, or for what there is not."""
    return any(
        level not in _LEVELS or _LEVELS[level] > _LEVELS[granted.get(name, "")]
        for name, level in wanted.items()
    )


def permitted(access: Access, granted: dict[str, str], *, plain_issue: bool) -> bool:
    """*plain_issue*: the target is an issue and no pull request, so that only `issues` counts."""
    if not access.alternatives:
        return True
    return any(
        allows(granted, needed)
        for needed in access.alternatives
        if not (plain_issue and len(access.alternatives) > 1 and "pull_requests" in needed)
    )
