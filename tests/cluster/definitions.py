"""Our CRDs in a real cluster."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar

from k8s.client import Client, KubeconfigAccess, connect
from k8s.crds import crd, crds
from k8s.embedded.installation import applied
from k8s.errors import NotFound, Unavailable
from k8s.meta import Resource
from k8s.resources.core import InferenceService
from k8s.resources.kinds import KINDS

ESTABLISH_SECONDS = 30


class Definition(Resource):
    API_VERSION: ClassVar[str] = "apiextensions.k8s.io/v1"
    KIND: ClassVar[str] = "CustomResourceDefinition"
    PLURAL: ClassVar[str] = "customresourcedefinitions"
    NAMESPACED: ClassVar[bool] = False

    spec: dict[str, Any]


async def install(kubeconfig: Path) -> None:
    """Create or update the CRDs, and wait until their kinds are served."""
    async with connect(KubeconfigAccess(kubeconfig)) as client:
        for body in (*crds(), crd(InferenceService)):
            await _apply(client, Definition.model_validate(as_applied(body)))
        async with asyncio.timeout(ESTABLISH_SECONDS):
            for kind in (*KINDS, InferenceService):
                await _served(client, kind)


def as_applied(body: dict[str, Any]) -> dict[str, Any]:
    """*body* with kubectl's note of what was applied, so that applying it again changes nothing."""
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": applied(body)}
    return {**body, "metadata": {**body["metadata"], "annotations": annotations}}


async def _apply(client: Client, wanted: Definition) -> None:
    try:
        old = await client.get(Definition, wanted.metadata.name)
    except NotFound:
        await client.create(wanted)
    else:
        version = old.metadata.resource_version
        meta = wanted.metadata.replace(resource_version=version)
        await client.replace(wanted.replace(metadata=meta))


async def _served(client: Client, kind: type[Resource]) -> None:
    while True:
        try:
            await client.list(kind)
        except (NotFound, Unavailable):
            await asyncio.sleep(0.05)  # the API server builds the handler in its own time
        else:
            return
