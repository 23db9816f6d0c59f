"""The documents by which clients find out what the API has: versions, groups, resources, OpenAPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kops_core.cloud.sandbox.kubernetes.budgets import SCALES
from kops_core.cloud.sandbox.kubernetes.kinds import PODS, Kind, Object

_VERBS: Final = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def answer(kinds: Sequence[Kind], path: str, version: str) -> Object | bytes | None:
    """The document at a path; None if there is none. version: of the server, e.g. ``1.35.2``."""
    path = path.rstrip("/")
    if path in ("/healthz", "/livez", "/readyz"):
        return b"ok"
    if path.startswith("/openapi/v3/"):
        return _openapi(kinds, path.removeprefix("/openapi/v3"), version)
    if path in (fixed := _fixed(kinds, version)):
        return fixed[path]
    versions = {_root(each.api_version): each.api_version for each in kinds}
    if path in versions:
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": versions[path],
            "resources": _resources(kinds, versions[path]),
        }
    group = path.removeprefix("/apis/")
    if group != path and any(each.group == group for each in kinds):
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(kinds, group)}
    return None


def _fixed(kinds: Sequence[Kind], version: str) -> dict[str, Object]:
    major, minor, _ = version.split(".", 2)
    groups = dict.fromkeys(each.group for each in kinds if each.group)
    roots = [_root(each) for each in dict.fromkeys(each.api_version for each in kinds)]
    return {
        "/version": {
            "major": major,
            "minor": minor,
            "gitVersion": f"v{version}",
            "gitCommit": "",
            "gitTreeState": "clean",
            "platform": "linux/amd64",
        },
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [_group(kinds, each) for each in groups],
        },
        "/openapi/v3": {
            "paths": {each.lstrip("/"): {"serverRelativeURL": f"/openapi/v3{each}?hash=1"} for each in roots}
        },
    }


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _group(kinds: Sequence[Kind], group: str) -> Object:
    versions = [
        {"groupVersion": f"{group}/{each}", "version": each}
        for each in dict.fromkeys(each.version for each in kinds if each.group == group)
    ]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _resources(kinds: Sequence[Kind], api_version: str) -> list[Object]:
    found: list[Object] = []
    for each in kinds:
        if each.api_version != api_version:
            continue
        about: Object = {
            "name": each.plural,
            "singularName": each.singular,
            "namespaced": each.namespaced,
            "kind": each.kind,
            "verbs": _VERBS,
            **({"shortNames": list(each.short)} if each.short else {}),
            **({"categories": ["all"]} if each.in_all else {}),
        }
        found.append(about)
        if each.has_status:
            status = {
                "name": f"{each.plural}/status",
                "singularName": "",
                "verbs": ["get", "patch", "update"],
            }
            found.append({**status, "namespaced": each.namespaced, "kind": each.kind})
        if each in SCALES.values():
            found.append(
                {
                    "name": f"{each.plural}/scale",
                    "singularName": "",
                    "namespaced": True,
                    "group": "autoscaling",
                    "version": "v1",
                    "kind": "Scale",
                    "verbs": ["get", "patch", "update"],
                }
            )
        if each == PODS:
            found.append(
                {
                    "name": "pods/eviction",
                    "singularName": "",
                    "namespaced": True,
                    "group": "policy",
                    "version": "v1",
                    "kind": "Eviction",
                    "verbs": ["create"],
                }
            )
    return found


def _openapi(kinds: Sequence[Kind], root: str, version: str) -> Object | None:
    """OpenAPI of one version: objects can be checked when they are applied; without the fields of each."""
    paths: Object = {}
    schemas: Object = {}
    for each in kinds:
        if _root(each.api_version) != root:
            continue
        about = {"group": each.group, "version": each.version, "kind": each.kind}
        parameters = [
            {"name": name, "in": "query", "schema": {"type": "string"}}
            for name in ("fieldValidation", "dryRun", "fieldManager")
        ]
        operation = {"x-kubernetes-group-version-kind": about, "parameters": parameters, "responses": {}}
        where = f"{root}/namespaces/{{namespace}}" if each.namespaced else root
        paths[f"{where}/{each.plural}/{{name}}"] = {"patch": operation}
        schemas[f"{each.api_version.replace('/', '.')}.{each.kind}"] = {
            "type": "object",
            "x-kubernetes-group-version-kind": [about],
            "x-kubernetes-preserve-unknown-fields": True,
        }
    if not paths:
        return None
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": f"v{version}"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
