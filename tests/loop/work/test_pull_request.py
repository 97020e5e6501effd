from __future__ import annotations

from dataclasses import dataclass

import pytest

from loop.codehost import CodeHostError, PullRequestSeen, PullRequestWanted
from loop.work.pull_request import ensured
from tools.issues import IssueView, PullRequestView

WANTED = PullRequestWanted("acme/shop", "foreman/x", "main", "Sum the cart", "It sums.")
SEEN = PullRequestSeen(7, "https://example.org/7", draft=True, head_sha="a", base_sha="b")


@dataclass
class Host:
    """Raises *faults* one after the other, then the pull request is there."""

    faults: list[CodeHostError]
    asked: int = 0

    async def issue(self, repository: str, number: int) -> IssueView:
        raise NotImplementedError

    async def pull_request(self, repository: str, number: int) -> PullRequestView:
        raise NotImplementedError

    async def ensure_pull_request(self, wanted: PullRequestWanted) -> PullRequestSeen:
        assert wanted == WANTED
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)
        return SEEN


def away() -> CodeHostError:
    return CodeHostError("502", temporary=True)


async def test_a_host_that_is_away_is_asked_again() -> None:
    host = Host([away(), away()])

    assert await ensured(host, WANTED, pauses=(0.0, 0.0, 0.0)) == SEEN
    assert host.asked == 3


@pytest.mark.parametrize(
    ("faults", "asked"),
    [
        pytest.param([away(), away(), away()], 2, id="patience ends"),
        pytest.param([CodeHostError("422: no commits")], 1, id="a refusal is final"),
    ],
)
async def test_what_does_not_pass_is_told(faults: list[CodeHostError], asked: int) -> None:
    host = Host(faults)

    with pytest.raises(CodeHostError):
        await ensured(host, WANTED, pauses=(0.0,))
    assert host.asked == asked
