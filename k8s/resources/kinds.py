"""All kinds of our group, in the order they are printed and listed."""

from __future__ import annotations

from k8s.meta import Resource
from k8s.resources.agent import Agent, ModelProfile
from k8s.resources.delivery import Delivery
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.fleet import FleetNode
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

KINDS: tuple[type[Resource], ...] = (
    Workload,
    AgenticTask,
    Agent,
    ModelEndpoint,
    FleetNode,
    ModelProfile,
    Delivery,
)
