"""The commands that people use, the M3 runbook's among them, in an order that makes sense.

Left out until the embedded API has them: edit and diff (dry run), deletecollection, finalizers,
chunked lists, propagation policies.
"""

from __future__ import annotations

from k8s.crds import yaml_files
from tests.k8s.contract.kubectl import NAMESPACE, Step

CRDS = "config/crd/bases"
AGENT = "config/foreman/agents/qwen36-35b-carnice-mtp-coder.yaml"
TASK = "examples/foreman/m3-coder-demo.yaml"
ENDPOINT = "examples/foreman/model-endpoint.yaml"
CODER = "qwen36-35b-carnice-mtp-coder"

_AGENT_TYPE = (
    "jsonpath={.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.agentRef.type}"
)
_UNKNOWN = """\
apiVersion: foreman.llmkube.dev/v1alpha1
kind: Agent
metadata: {name: odd}
spec: {role: coder, tools: [bash], favouriteColour: green, mcp: {enabled: true, odd: 1}}
"""
_INVALID = """\
apiVersion: foreman.llmkube.dev/v1alpha1
kind: Agent
metadata: {name: odd}
spec: {role: poet, tools: [], maxTurns: 0, temperature: hot}
"""
_INCOMPLETE = """\
apiVersion: foreman.llmkube.dev/v1alpha1
kind: AgenticTask
metadata: {name: odd}
spec: {kind: issue-fix}
"""
_UNKNOWN_KIND = """\
apiVersion: foreman.llmkube.dev/v1alpha1
kind: Poem
metadata: {name: odd}
"""
_EVENT = f"""\
apiVersion: v1
kind: Event
metadata: {{name: {CODER}.1}}
involvedObject:
  apiVersion: foreman.llmkube.dev/v1alpha1
  kind: Agent
  name: {CODER}
  namespace: {NAMESPACE}
  uid: "{{uid}}"
reason: Waiting
message: the endpoint does not answer
type: Warning
count: 3
firstTimestamp: "2026-05-04T03:02:01Z"
lastTimestamp: "2026-05-04T03:02:01Z"
source: {{component: foreman}}
"""
_NOTES = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: notes, labels: {team: a}}
data: {one: "1", two: "2"}
"""
_NOTES_AGAIN = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: notes}
data: {one: "1", three: "3"}
"""
_TEXT_PATCH = """'{"spec":{"maxTurns":40}}'"""
_RUNNING = (
    """patch agentictask m3-coder-demo --type=merge --subresource=status """
    """-p '{"status":{"phase":"Running","assignedNode":"m5-max"}}'"""
)
_SUCCEEDED = (
    """patch agentictask m3-coder-demo --type=merge --subresource=status """
    """-p '{"status":{"phase":"Succeeded","verdict":"GO","branch":"foreman/issue-1"}}'"""
)
_VALIDATED = (
    f"patch agent {CODER} --type=merge --subresource=status "
    """-p '{"status":{"conditions":[{"type":"Validated","status":"True","reason":"Valid","""
    """"message":"","lastTransitionTime":"2026-05-04T03:02:01Z"}]}}'"""
)

# Definitions and a place to work.
_SETUP = (
    Step("create namespace", f"create namespace {NAMESPACE}"),
    Step("create namespace again", f"create namespace {NAMESPACE}", fails=True),
    *(Step(f"apply {name}", f"apply -f {CRDS}/{name}") for name in yaml_files()),
    Step("apply all CRDs again", f"apply -f {CRDS}"),
    Step("get crds", "get crds"),
    Step("get crd jsonpath", f"get crd agentictasks.foreman.llmkube.dev -o '{_AGENT_TYPE}'"),
    Step("api-resources", "api-resources --api-group=foreman.llmkube.dev"),
)

# The runbook's objects, and every way to look at them.
_READ = (
    Step("get nothing", "get agents"),
    Step("apply agent", f"apply -f {AGENT}"),
    Step("apply agent again", f"apply -f {AGENT}"),
    Step("apply endpoint", f"apply -f {ENDPOINT}"),
    Step("apply task", f"apply -f {TASK}"),
    Step("get agents", "get agents"),
    Step("get wide", "get agentictasks -o wide"),
    Step("get by short name", "get at,ag,me"),
    Step("get one", "get agentictask m3-coder-demo"),
    Step("get by slash", f"get agent/{CODER} agentictask/m3-coder-demo"),
    Step("get yaml", "get agentictask m3-coder-demo -o yaml"),
    Step("get list yaml", "get agentictasks -o yaml"),
    Step("get json", "get modelendpoints -o json"),
    Step("get jsonpath", "get agentictask m3-coder-demo -o jsonpath='{.spec.payload.issue}'"),
    Step("get name", "get agents,agentictasks -o name"),
    Step("get columns", "get at -o custom-columns=NAME:.metadata.name,KIND:.spec.kind"),
    Step("get no headers", "get at --no-headers"),
    Step("get sorted", "get at --sort-by=.metadata.name"),
    Step("get show labels", "get at --show-labels"),
    Step("get by field", "get agents --field-selector metadata.name=" + CODER),
    Step("get by other field", "get agents --field-selector metadata.name=other"),
    Step("get by unknown field", "get agents --field-selector spec.role=coder", fails=True),
    Step("get missing", "get agent ghost", fails=True),
    Step("get missing ignored", "get agent ghost --ignore-not-found"),
    Step("get unknown kind", "get poems", fails=True),
    Step("get all namespaces", f"get agents -A --field-selector metadata.namespace={NAMESPACE}"),
    Step("explain", "explain agentictask.spec"),
    Step("explain a leaf", "explain agentictask.spec.payload.repo"),
    Step("explain status", "explain fleetnode.status.capability"),
    Step("explain recursive", "explain agent.spec --recursive"),
    Step("explain nothing", "explain agentictask.spec.nope", fails=True),
    Step("describe", "describe agentictask m3-coder-demo"),
    Step("create event", "create -f -", stdin=_EVENT, uid_of=f"agent/{CODER}"),
    Step("describe with an event", f"describe agent {CODER}"),
    Step("get events", "get events"),
    Step("get events wide", "get events -o wide"),
    Step("events for", f"events --for agent/{CODER}"),
)

_WRITE = (
    Step("patch", f"patch agent {CODER} --type=merge -p {_TEXT_PATCH}"),
    Step("patch nothing", f"patch agent {CODER} --type=merge -p {_TEXT_PATCH}"),
    Step("patch status", _VALIDATED),
    Step("get after patch", "get agents"),
    Step("get status", f"get agent {CODER} --subresource=status -o yaml"),
    Step(
        "patch invalid",
        f"""patch agent {CODER} --type=merge -p '{{"spec":{{"maxTurns":0}}}}'""",
        fails=True,
    ),
    Step("apply after patch", f"apply -f {AGENT}"),
    Step("label", f"label agent {CODER} team=a"),
    Step("label taken", f"label agent {CODER} team=b", fails=True),
    Step("label over", f"label agent {CODER} team=b --overwrite"),
    Step("get by label", "get agents -l team=b"),
    Step("get by labels", "get agents -l 'team in (a,b),tier notin (x),!other'"),
    Step("get by no label", "get agents -l team=a"),
    Step("label column", "get agents -L team"),
    Step("label away", f"label agent {CODER} team-"),
    Step("annotate", f"annotate agent {CODER} note='by hand'"),
    Step("annotate away", f"annotate agent {CODER} note-"),
    Step("apply unknown field", "apply -f -", stdin=_UNKNOWN, fails=True),
    Step("apply unknown field anyway", "apply --validate=warn -f -", stdin=_UNKNOWN),
    Step("get what was kept", "get agent odd -o yaml"),
    Step("apply invalid", "apply -f -", stdin=_INVALID, fails=True),
    Step("create invalid", "create -f -", stdin=_INVALID.replace("odd", "odder"), fails=True),
    Step("create incomplete", "create -f -", stdin=_INCOMPLETE, fails=True),
    Step("create unknown kind", "create -f -", stdin=_UNKNOWN_KIND, fails=True),
    Step("create again", f"create -f {TASK}", fails=True),
    Step("replace", f"replace -f {AGENT}"),
)

_CORE = (
    Step("create configmap", "create configmap made --from-literal=a=1"),
    Step("get configmap", "get cm made"),
    Step("get configmap yaml", "get cm made -o yaml"),
    Step("describe configmap", "describe cm made"),
    Step("apply configmap", "apply -f -", stdin=_NOTES),
    Step("apply configmap changed", "apply -f -", stdin=_NOTES_AGAIN),
    Step("get configmap data", "get cm notes -o jsonpath='{.data}'"),
    Step("get configmap by label", "get cm -l team=a -o name"),
    Step("patch configmap", """patch cm notes -p '{"data":{"four":"4","one":null}}'"""),
    Step("get transcript key", "get cm notes -o jsonpath='{.data.three}'"),
    Step("create secret", "create secret generic token --from-literal=token=s3cret"),
    Step("get secret", "get secret token"),
    Step("get secret value", "get secret token -o jsonpath='{.data.token}'"),
    Step("describe secret", "describe secret token"),
    Step("get namespace", f"get ns {NAMESPACE}"),
)

_WATCH = (
    Step(
        "get -w",
        "get agentictask m3-coder-demo -w",
        meanwhile=(_RUNNING, _SUCCEEDED),
        lines=4,
    ),
    Step(
        "get -w -o jsonpath",
        "get agentictasks -w -o jsonpath='{.metadata.name}{\"\\n\"}'",
        meanwhile=("label agentictask m3-coder-demo seen=yes",),
        lines=2,
    ),
    Step(
        "wait jsonpath", "wait agentictask/m3-coder-demo --for=jsonpath='{.status.phase}'=Succeeded"
    ),
    Step("wait condition", f"wait agent/{CODER} --for=condition=Validated --timeout=20s"),
    Step(
        "wait condition in vain",
        f"wait agent/{CODER} --for=condition=Validated=false --timeout=1s",
        fails=True,
    ),
    Step(
        "wait until",
        f"wait agent/{CODER} --for=jsonpath='{{.spec.maxTurns}}'=7 --timeout=30s",
        meanwhile=(f"""patch agent {CODER} --type=merge -p '{{"spec":{{"maxTurns":7}}}}'""",),
    ),
    Step(
        "wait delete",
        "wait agent/odd --for=delete --timeout=30s",
        meanwhile=("delete agent odd --wait=false",),
    ),
    Step("get result", "get agentictask m3-coder-demo -o jsonpath='{.status}'"),
)

_DELETE = (
    Step("delete", "delete agentictask m3-coder-demo"),
    Step("delete missing", "delete agentictask m3-coder-demo", fails=True),
    Step("delete missing ignored", "delete at m3-coder-demo --ignore-not-found"),
    Step("delete by file", f"delete -f {AGENT} -f {ENDPOINT}"),
    Step("delete by label", "delete cm -l team=a"),
    Step("delete many", "delete cm/made secret/token"),
    Step("get after delete", "get agents,agentictasks,modelendpoints"),
    Step("delete namespace", f"delete namespace {NAMESPACE} --wait=false"),
)

COMMANDS = (*_SETUP, *_READ, *_WRITE, *_CORE, *_WATCH, *_DELETE)
