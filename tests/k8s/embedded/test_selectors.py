from __future__ import annotations

import pytest

from k8s.embedded.refusals import Refusal
from k8s.embedded.selectors import Selectable, known_fields, selectable, selector

ITEM = Selectable({"app": "x", "tier": "", "a.b/c": "d"}, {"metadata.name": "n"})


@pytest.mark.parametrize(
    ("labels", "matches"),
    [
        ("", True),
        ("app=x", True),
        ("app==x", True),
        ("app = x", True),
        ("app=y", False),
        ("app!=y", True),
        ("app!=x", False),
        ("other!=x", True),
        ("app", True),
        ("other", False),
        ("!other", True),
        ("! app", False),
        ("tier=", True),
        ("app=", False),
        ("app in (y,x)", True),
        ("app in (y)", False),
        ("other in (y)", False),
        ("app notin (y)", True),
        ("other notin (y)", True),
        ("app in (x,y),tier", True),
        ("app in (x,y),other", False),
        ("a.b/c=d", True),
    ],
)
def test_label_selectors(labels: str, matches: bool) -> None:
    chosen = selector(labels, "", known_fields=known_fields("agents"))

    assert chosen.matches(ITEM) is matches
    assert bool(chosen) is bool(labels)


@pytest.mark.parametrize("labels", ["a=b=c", "a in b", "a b", "=x", "a in (b", "a=§", "a,,(", "-a"])
def test_what_is_no_label_selector_is_refused(labels: str) -> None:
    with pytest.raises(Refusal) as caught:
        selector(labels, "", known_fields=frozenset())

    assert caught.value.code == 400


@pytest.mark.parametrize(
    ("fields", "matches"),
    [
        ("metadata.name=n", True),
        ("metadata.name==n", True),
        ("metadata.name!=n", False),
        ("metadata.name=n,metadata.name!=m", True),
    ],
)
def test_field_selectors(fields: str, matches: bool) -> None:
    assert selector("", fields, known_fields=known_fields("x")).matches(ITEM) is matches


@pytest.mark.parametrize("fields", ["status.phase=Running", "metadata.name"])
def test_other_field_selectors_are_refused(fields: str) -> None:
    with pytest.raises(Refusal):
        selector("", fields, known_fields=known_fields("agentictasks.foreman.llmkube.dev"))


def test_the_one_name_that_is_asked_for() -> None:
    known = known_fields("x")

    assert selector("", "metadata.name=n", known_fields=known).exact("metadata.name") == "n"
    assert selector("", "metadata.name!=n", known_fields=known).exact("metadata.name") is None


def test_events_are_selectable_by_what_they_are_about() -> None:
    body = {
        "metadata": {"name": "e", "namespace": "default"},
        "involvedObject": {"kind": "Agent", "name": "a"},
        "source": {"component": "c"},
    }

    fields = selectable("events", body).fields

    assert fields["involvedObject.kind"] == "Agent"
    assert fields["source"] == "c"
    assert fields["involvedObject.uid"] == ""
