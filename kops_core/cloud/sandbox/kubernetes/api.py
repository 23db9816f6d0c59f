"""Answers requests to a cluster's API: the paths, lists, writes and watches; no I/O."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml.error import YAMLError

from kops_core.cloud.sandbox.kubernetes import discovery, tables
from kops_core.cloud.sandbox.kubernetes.budgets import SCALES, evict
from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.deletion import DeleteOptions, delete
from kops_core.cloud.sandbox.kubernetes.kinds import NAMESPACES, PODS, Kind, Object, clone
from kops_core.cloud.sandbox.kubernetes.patches import APPLY, JSON, patch
from kops_core.cloud.sandbox.kubernetes.refusals import Refusal, bad_request, not_found
from kops_core.cloud.sandbox.kubernetes.selectors import Matches, by_fields, by_labels
from kops_core.cloud.sandbox.kubernetes.store import Change, Key, key_of
from kops_core.cloud.sandbox.kubernetes.validation import check

_PATH: Final = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>[^/]+))?/?"
)
_NAMESPACE_ITSELF: Final = re.compile(r"/api/v1/namespaces/[^/]+(/status|/finalize)?/?")


@dataclass(frozen=True)
class Request:
    """A request, without its connection."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json"
    accept: str = "application/json"


@dataclass(frozen=True)
class Response:
    """An answer."""

    status: int
    body: Object | bytes
    retry_after: int = 0


@dataclass
class Watch:
    """An answer without an end: the changes after a version."""

    kind: Kind
    namespace: str
    matches: Matches
    version: int | None
    """None to begin with what there is."""
    present: Callable[[Object], Object]
    seconds: float
    """When it ends by itself."""

    def events(self, cluster: Cluster) -> Iterator[Object]:
        """The events that came since this was last asked. An error ends the watch, and is its last event."""
        if self.version is None:
            self.version = cluster.store.version
            for each in cluster.store.all(self.kind, self.namespace):
                if self.matches(each):
                    yield {"type": "ADDED", "object": self.present(each)}
            return
        try:
            changes = cluster.store.since(self.version, self.kind)
        except Refusal as error:
            yield {"type": "ERROR", "object": error.status}
            return
        for change in changes:
            self.version = change.version
            if (type_ := self._type(change)) is not None:
                yield {"type": type_, "object": self.present(change.object)}

    def _type(self, change: Change) -> str | None:
        """What a change is to those who see only what the selectors match."""
        if self.namespace and change.object["metadata"].get("namespace", "") != self.namespace:
            return None
        now = change.type != "DELETED" and self.matches(change.object)
        before = change.before is not None and self.matches(change.before)
        if now:
            return "MODIFIED" if before else "ADDED"
        return "DELETED" if before else None


def handle(cluster: Cluster, request: Request) -> Response | Watch:
    """Answers a request. Raises Away if no server is there."""
    cluster.advance()
    try:
        cluster.check()
        found = discovery.answer(cluster.kinds(), request.path, cluster.version())
        if found is not None and request.method == "GET":
            return Response(200, found)
        return _answer(cluster, request)
    except Refusal as error:
        return Response(error.code, error.status, error.retry_after)
    finally:
        cluster.advance()


def _answer(cluster: Cluster, request: Request) -> Response | Watch:
    match = _PATH.fullmatch(request.path)
    if match is None:
        raise Refusal(404, "NotFound", "there is nothing at this path")
    namespace, plural, name, sub = (match[each] or "" for each in ("namespace", "plural", "name", "sub"))
    if _NAMESPACE_ITSELF.fullmatch(request.path):
        namespace = ""
        _, _, rest = request.path.strip("/").partition("namespaces/")
        plural, (name, _, sub) = "namespaces", rest.partition("/")
    group, version = match["group"] or "", match["core"] or match["version"]
    kind = next(
        (
            each
            for each in cluster.kinds()
            if (each.group, each.version, each.plural) == (group, version, plural)
        ),
        None,
    )
    if kind is None or (name and not namespace and kind.namespaced):
        raise Refusal(404, "NotFound", "the server has no such resource")
    if sub == "eviction" and kind == PODS and request.method == "POST":
        return _evict(cluster, namespace, name, request)
    if sub == "scale" and kind in SCALES.values():
        return _scale(cluster, kind, (namespace, name), request)
    if sub not in ("", "status"):
        raise Refusal(404, "NotFound", f"the server has no {sub} of {plural}")
    if not name:
        return _answer_collection(cluster, kind, namespace, request)
    if request.method == "GET":
        found = cluster.store.get(kind, namespace, name)
        return Response(200, _presenter(cluster, kind, request)(found))
    if request.method == "DELETE":
        options = DeleteOptions.read(_read(request) if request.body else {})
        gone = delete(cluster.store, kind, (namespace, name), options, cluster.now())
        return Response(200, gone)
    if request.method in ("PUT", "PATCH"):
        return _write(cluster, kind, (namespace, name), request, of_status=sub == "status")
    raise Refusal(405, "MethodNotAllowed", f"{request.method} is not for {plural}")


def _answer_collection(cluster: Cluster, kind: Kind, namespace: str, request: Request) -> Response | Watch:
    if request.method == "POST":
        return _create(cluster, kind, namespace, _read(request), request)
    if request.method == "DELETE":
        found = _select(cluster.store.all(kind, namespace), request)
        for each in found:
            delete(cluster.store, kind, key_of(each), DeleteOptions(), cluster.now())
        return Response(200, _list(kind, found, cluster.store.version))
    if request.method != "GET":
        raise Refusal(405, "MethodNotAllowed", f"{request.method} is not for {kind.plural}")
    if request.query.get("watch") in ("true", "1"):
        return _watch(cluster, kind, namespace, request)
    version, after = cluster.store.version, ""
    if token := request.query.get("continue"):
        try:
            version, after = json.loads(urlsafe_b64decode(token))
        except ValueError as error:
            raise bad_request("continue: this is no token of ours") from error
    objects = sorted(_select(cluster.store.all_at(kind, namespace, version), request), key=_place)
    left = [each for each in objects if _place(each) > after]
    limit = _number(request, "limit") or len(left)
    answer = _list(kind, left[:limit], version)
    if limit < len(left):
        token = json.dumps([version, _place(left[limit - 1])])
        answer["metadata"] |= {
            "continue": urlsafe_b64encode(token.encode()).decode(),
            "remainingItemCount": len(left) - limit,
        }
    if (columns := _wants_table(request)) is not None:
        return Response(
            200, tables.table(kind, answer["items"], answer["metadata"], include=columns, now=cluster.now())
        )
    return Response(200, answer)


def _place(each: Object) -> str:
    return "/".join(key_of(each))


def _list(kind: Kind, objects: list[Object], version: int) -> Object:
    return {
        "kind": f"{kind.kind}List",
        "apiVersion": kind.api_version,
        "metadata": {"resourceVersion": str(version)},
        "items": objects,
    }


def _select(objects: list[Object], request: Request) -> list[Object]:
    matches = _matcher(request)
    return [each for each in objects if matches(each)]


def _matcher(request: Request) -> Matches:
    labels = by_labels(request.query.get("labelSelector", ""))
    fields = by_fields(request.query.get("fieldSelector", ""))
    return lambda each: labels(each) and fields(each)


def _watch(cluster: Cluster, kind: Kind, namespace: str, request: Request) -> Watch:
    version = _number(request, "resourceVersion") or None
    watch = Watch(
        kind,
        namespace,
        _matcher(request),
        version,
        _presenter(cluster, kind, request),
        float(_number(request, "timeoutSeconds") or 1800),
    )
    if version is not None:
        cluster.store.since(version, kind)  # too old is refused at once
    return watch


def _presenter(cluster: Cluster, kind: Kind, request: Request) -> Callable[[Object], Object]:
    columns = _wants_table(request)
    if columns is None:
        return lambda each: each
    return lambda each: tables.table(
        kind,
        [each],
        {"resourceVersion": each["metadata"]["resourceVersion"]},
        include=columns,
        now=cluster.now(),
    )


def _wants_table(request: Request) -> str | None:
    """Which object a row of the table has, if the client prefers tables (``includeObject``)."""
    preferred = request.accept.partition(",")[0]
    return (request.query.get("includeObject") or "Metadata") if "as=Table" in preferred else None


def _create(cluster: Cluster, kind: Kind, namespace: str, body: Object, request: Request) -> Response:
    check(kind, body)
    metadata = body["metadata"]
    metadata.pop("deletionTimestamp", None)
    if kind.namespaced:
        if metadata.setdefault("namespace", namespace) != namespace:
            raise bad_request("the namespace of the object is not that of the request")
        if cluster.store.find(NAMESPACES, "", namespace) is None:
            raise not_found(NAMESPACES, namespace)
    else:
        metadata.pop("namespace", None)
    if kind.has_status:
        body["status"] = {"phase": "Pending"} if kind == PODS else {}
    if request.query.get("dryRun"):
        return Response(201, body)
    return Response(201, cluster.store.create(kind, body))


def _write(cluster: Cluster, kind: Kind, key: Key, request: Request, *, of_status: bool) -> Response:
    (namespace, name), patches = key, request.method == "PATCH"
    body = _read_patch(request) if patches else _read(request)
    if patches and request.content_type in APPLY and cluster.store.find(kind, namespace, name) is None:
        check(kind, body)
        body["metadata"]["name"] = name
        return _create(cluster, kind, namespace, body, request)

    def change(before: Object) -> Object:
        kept = clone(before)
        new = _without_nulls(patch(request.content_type, before, body)) if patches else body
        if of_status:
            new = {**kept, "status": new.get("status", {})}
        elif kind.has_status:
            new["status"] = kept.get("status", {})
        check(kind, new)
        for own in ("deletionTimestamp", "deletionGracePeriodSeconds"):
            new["metadata"].pop(own, None)
        return new

    if request.query.get("dryRun"):
        return Response(200, change(clone(cluster.store.get(kind, namespace, name))))
    return Response(200, cluster.store.update(kind, namespace, name, change))


def _scale(cluster: Cluster, kind: Kind, key: Key, request: Request) -> Response:
    """Answers for ``scale``, the subresource with the number of replicas alone."""
    found = cluster.store.get(kind, *key)

    def present(each: Object) -> Object:
        return {
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": {"name": key[1], "namespace": key[0], "uid": each["metadata"]["uid"]},
            "spec": {"replicas": each["spec"].get("replicas", 1)},
            "status": {"replicas": each.get("status", {}).get("replicas", 0)},
        }

    if request.method in ("PUT", "PATCH"):
        patches = request.method == "PATCH"
        wanted = (
            patch(request.content_type, present(found), _read_patch(request)) if patches else _read(request)
        )

        def change(new: Object) -> None:
            spec = wanted.get("spec")
            new["spec"]["replicas"] = spec.get("replicas") if isinstance(spec, dict) else None
            check(kind, new)

        found = cluster.store.update(kind, *key, change)
    return Response(200, present(found))


def _evict(cluster: Cluster, namespace: str, name: str, request: Request) -> Response:
    body = _read(request)
    metadata, options = body.get("metadata", {}), body.get("deleteOptions", {})
    if not isinstance(metadata, dict) or metadata.get("name", name) != name:
        raise bad_request("the name of the eviction is not that of the pod")
    if not request.query.get("dryRun"):
        evict(cluster.store, namespace, name, DeleteOptions.read(options), cluster.now())
    return Response(201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})


def _read(request: Request) -> Object:
    """The object in a request; null is as good as nothing there. Raises Refusal."""
    found = _read_patch(request)
    if not isinstance(found, dict):
        raise bad_request("the body is not an object")
    plain: Object = _without_nulls(found)
    return plain


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _read_patch(request: Request) -> Any:
    """The body of a request; a JSON patch is a list. Raises Refusal."""
    try:
        if request.content_type == APPLY[0]:
            from ruamel.yaml import YAML

            found = YAML(typ="safe", pure=True).load(request.body)
        else:
            found = json.loads(request.body)
    except (ValueError, YAMLError) as error:
        raise bad_request("the body can't be read") from error
    if not isinstance(found, dict) and not request.content_type.startswith(JSON):
        raise bad_request("the body is not an object")
    return found


def _number(request: Request, name: str) -> int:
    """A number of the query; 0 without one. Raises Refusal."""
    text = request.query.get(name) or "0"
    if not (text.isascii() and text.isdecimal()):
        raise bad_request(f"{name}: {text} is not a number")
    return int(text)
