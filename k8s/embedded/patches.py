"""Merge patches: RFC 7386 for all kinds, strategic ones for the core kinds.

https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from __future__ import annotations

from typing import Any

from k8s.embedded.refusals import bad_request

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"

# lists that merge, by the name of their field: items with the same value of this key are one
_MERGE_KEYS = {
    "conditions": "type",
    "containers": "name",
    "env": "name",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "ownerReferences": "uid",
    "volumeMounts": "mountPath",
    "volumes": "name",
}
_SETS = frozenset({"finalizers"})
_DIRECTIVES = ("$setElementOrder/", "$deleteFromPrimitiveList/", "$retainKeys", "$patch")


def merged(target: Any, patch: Any) -> Any:
    """*target* after a merge patch; neither argument is changed, parts may be shared."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def strategically_merged(target: Any, patch: Any) -> Any:
    """*target* after a strategic merge patch; raises `Refusal` for a directive it cannot read."""
    if not isinstance(patch, dict):
        return patch
    match patch.get("$patch"):
        case "replace":
            return {key: value for key, value in patch.items() if key != "$patch"}
        case "delete":
            return {}
        case None | "merge":
            pass
        case other:
            raise bad_request(f"unknown patch directive: $patch: {other}")
    result = dict(target) if isinstance(target, dict) else {}
    if kept := patch.get("$retainKeys"):
        result = {key: value for key, value in result.items() if key in _list(kept)}
    for key, value in patch.items():
        _merge_key(result, key, value)
    return result


def _merge_key(result: dict[str, Any], key: str, value: Any) -> None:
    if key.startswith("$deleteFromPrimitiveList/"):
        field = key.partition("/")[2]
        result[field] = [item for item in _list(result.get(field)) if item not in _list(value)]
    elif key.startswith(_DIRECTIVES):
        return
    elif value is None:
        result.pop(key, None)
    elif isinstance(value, list) and key in _SETS:
        old = _list(result.get(key))
        result[key] = old + [item for item in value if item not in old]
    elif isinstance(value, list) and key in _MERGE_KEYS:
        result[key] = _merged_list(_list(result.get(key)), value, _MERGE_KEYS[key])
    else:
        result[key] = strategically_merged(result.get(key), value)


def _merged_list(old: list[Any], new: list[Any], by: str) -> list[Any]:
    items: dict[str, Any] = {_name(item, by): item for item in old}
    for change in new:
        name = _name(change, by)
        if change.get("$patch") == "replace":
            items = {}
        elif change.get("$patch") == "delete":
            items.pop(name, None)
        else:
            items[name] = strategically_merged(items.get(name), change)
    return list(items.values())


def _name(item: Any, by: str) -> str:
    if not isinstance(item, dict):
        raise bad_request(f"a list merged by {by} holds objects, not {item!r}")
    return str(item.get(by))


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise bad_request(f"the patch wants a list where {value!r} is")
    return value
