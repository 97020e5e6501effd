"""Whatever is sent, the answer is a `Status` below 500 or a stored object that can be read back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8s.embedded.serve import EmbeddedSettings, serve
from tests.k8s.embedded.embedded_support import (
    CONFIG_MAPS,
    TASKS,
    Answer,
    Caller,
    calling,
    config_map,
    task,
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
WORDS = st.sampled_from(
    ["metadata", "spec", "status", "kind", "apiVersion", "name", "namespace", "labels", "data", "uid",
     "resourceVersion", "generateName", "ownerReferences", "finalizers", "payload", "conditions", "$patch",
     "containerStatuses", "restartCount", "$retainKeys", "preconditions",
     "propagationPolicy", "dryRun", "containers", "annotations", "immutable"]
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(WORDS, JSON, max_size=5)
MEDIA = ["application/json", "application/merge-patch+json", "application/strategic-merge-patch+json",
         "application/vnd.kubernetes.protobuf"]  # fmt: skip


@pytest.fixture(scope="module")
def loop_and_caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Caller]]:
    directory: Path = tmp_path_factory.mktemp("fuzz")

    async def opened() -> tuple[Any, Any, Caller]:
        server = serve(EmbeddedSettings(directory=directory / "api", port=None))
        api = await server.__aenter__()
        client = calling(api.socket, api.admin_token)
        caller = await client.__aenter__()
        return server, client, caller

    with asyncio.Runner() as runner:
        server, client, caller = runner.run(opened())
        yield runner, caller
        runner.run(client.__aexit__(None, None, None))
        runner.run(server.__aexit__(None, None, None))


async def ensure(caller: Caller) -> None:
    """The objects that requests aim at, should one of them have been deleted."""
    await caller("POST", TASKS, task("a"))
    await caller("POST", CONFIG_MAPS, config_map("a"))
    pod = {"metadata": {"name": "a"}, "spec": {}}
    await caller("POST", "/api/v1/namespaces/default/pods", pod)


def decent(answer: Answer) -> bool:
    if answer.status >= 400:
        return answer.status < 500 and answer.body["kind"] == "Status"
    return "metadata" in answer.body


FUZZED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZED
@given(
    method=st.sampled_from(["POST", "PUT", "PATCH", "DELETE", "GET"]),
    path=st.sampled_from(
        [TASKS, f"{TASKS}/a", f"{TASKS}/a/status", CONFIG_MAPS, f"{CONFIG_MAPS}/a",
         "/api/v1/namespaces/default/pods/a", "/api/v1/namespaces/default/secrets",
         "/api/v1/namespaces/default/events", "/apis/coordination.k8s.io/v1/namespaces/default/leases/l"]
    ),
    media=st.sampled_from(MEDIA),
    body=OBJECTS | JSON,
    mode=st.sampled_from(["", "Strict", "Ignore"]),
)  # fmt: skip
def test_no_body_breaks_the_server(
    loop_and_caller: tuple[Any, Caller], method: str, path: str, media: str, body: Any, mode: str
) -> None:
    runner, caller = loop_and_caller
    runner.run(ensure(caller))
    try:
        answer = runner.run(caller(method, f"{path}?fieldValidation={mode}", body, media=media))
    except TypeError:
        return  # no JSON can say it: an integer of more than 64 bits

    assert decent(answer), answer


@FUZZED
@given(
    merge=st.dictionaries(st.sampled_from(["metadata", "spec", "status"]), OBJECTS, max_size=3),
    strategic=st.booleans(),
)
def test_no_patch_breaks_the_server(
    loop_and_caller: tuple[Any, Caller], merge: Any, strategic: bool
) -> None:
    runner, caller = loop_and_caller
    runner.run(ensure(caller))
    path = "/api/v1/namespaces/default/pods/a"

    try:
        answer = runner.run(caller("PATCH", path, merge, media=MEDIA[2 if strategic else 1]))
    except TypeError:
        return

    assert decent(answer), answer
    assert decent(
        runner.run(caller("GET", path, accept="application/json;as=Table;g=meta.k8s.io;v=v1"))
    )


@FUZZED
@given(
    query=st.dictionaries(
        st.sampled_from(["labelSelector", "fieldSelector", "resourceVersion", "limit", "continue",
                         "resourceVersionMatch", "timeoutSeconds", "fieldValidation"]),
        st.text(max_size=12),
        max_size=3,
    )
)  # fmt: skip
def test_no_query_breaks_the_server(
    loop_and_caller: tuple[Any, Caller], query: dict[str, str]
) -> None:
    from urllib.parse import urlencode

    runner, caller = loop_and_caller

    answer = runner.run(caller("GET", f"{TASKS}?{urlencode(query, errors='replace')}"))

    assert decent(answer) or answer.status == 504, answer
