"""Code leaves the house only where operator and Workload agree."""

from __future__ import annotations

import pytest

from k8s.cloud import is_private, refusal
from k8s.meta import Meta
from k8s.reach import NoRoute, Route
from k8s.resources.agent import Agent, AgentSpec
from tests.k8s.pipeline_support import batch

AGENT = Agent(metadata=Meta(name="big"), spec=AgentSpec(role="coder", tools=["bash"]))


@pytest.mark.parametrize(
    ("host", "private"),
    [
        pytest.param("127.0.0.1", True, id="this machine"),
        pytest.param("10.1.2.3", True, id="a private address"),
        pytest.param("100.64.0.7", True, id="a shared address"),
        pytest.param("8.8.8.8", False, id="a public address"),
        pytest.param("::1", True, id="this machine, IPv6"),
        pytest.param("fe80::1%eth0", True, id="with a zone"),
        pytest.param("2606:4700::1111", False, id="a public address, IPv6"),
        pytest.param("localhost", True, id="localhost"),
        pytest.param("ollama", True, id="a name without a dot"),
        pytest.param("GPU.Local.", True, id="a local name"),
        pytest.param("qwen.models.svc.cluster.local", True, id="a service"),
        pytest.param("qwen.models.svc", True, id="a service, short"),
        pytest.param("api.example.com", False, id="a public name"),
        pytest.param("local.example.com", False, id="a zone that only looks local"),
        pytest.param("134744072", False, id="an address as one number"),
        pytest.param("0x8080808", False, id="an address as a hexadecimal number"),
        pytest.param("8.8.2056", False, id="an address in three numbers"),
        pytest.param("", False, id="none"),
    ],
)
def test_what_is_private(host: str, private: bool) -> None:
    assert is_private(host) is private


def way(url: str) -> Route:
    return Route("endpoint", ("endpoint", "n", "e"), url=url)


@pytest.mark.parametrize(
    ("url", "operator", "workload", "told"),
    [
        pytest.param("http://127.0.0.1:8081/v1", False, None, "", id="private"),
        pytest.param("", False, None, "", id="scripted"),
        pytest.param("https://api.example.com/v1", False, None, "operator", id="nobody agrees"),
        pytest.param("https://api.example.com/v1", False, True, "operator", id="one agrees"),
        pytest.param("https://api.example.com/v1", True, False, "Workload", id="the other agrees"),
        pytest.param("https://api.example.com/v1", True, None, "", id="nothing said"),
        pytest.param("https://api.example.com/v1", True, True, "", id="both agree"),
        pytest.param("api.example.com/v1", False, None, "operator", id="no URL"),
    ],
)
def test_both_have_to_agree(url: str, operator: bool, workload: bool | None, told: str) -> None:
    about = batch(**({} if workload is None else {"allowCloudReviewers": workload}))

    found = refusal(AGENT, way(url), about, operator_agrees=operator)

    assert told in found
    assert bool(told) == bool(found)


def test_a_task_applied_by_hand_needs_the_operator_alone() -> None:
    cloud = way("https://api.example.com/v1")

    assert refusal(AGENT, cloud, None, operator_agrees=True) == ""
    assert "FOREMAN_ALLOW_CLOUD_PROVIDERS" in refusal(AGENT, cloud, None, operator_agrees=False)


def test_who_reaches_no_model_sends_nothing() -> None:
    assert refusal(AGENT, None, None, operator_agrees=False) == ""
    assert refusal(AGENT, NoRoute("EndpointNotFound", "x"), None, operator_agrees=False) == ""
