"""The Kubernetes API of a cluster, over lightkube: loaded when it is first used."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

import httpx2
import msgspec
from lightkube import Client
from lightkube.core.exceptions import ApiError
from lightkube.models import core_v1, meta_v1
from lightkube.operators import BinaryOperator, SequenceOperator
from lightkube.resources import core_v1 as resources
from lightkube.resources import policy_v1
from lightkube.types import PatchType

from kops_core.errors import KubernetesError, KubernetesTimeout
from kops_core.kube.connection import Connect, Connection
from kops_core.kube.deadline import within
from kops_core.kube.failures import translate_status, translate_transport, why_not_evicted
from kops_core.kube.objects import to_budget, to_node, to_pod, to_taint
from kops_core.kube.ports import DisruptionBudget, Node, Pod, Taint
from kops_core.kube.session import Session, Sessions

DEADLINE: Final = 30.0
"""Seconds that a call may take."""
_AT_ONCE: Final = 500
"""Objects in one answer, as kubectl asks for them."""

_NOWHERE: Final = Connection("")
"""Before the server of a call is known."""

T = TypeVar("T")


class KubernetesClient:
    """The Kubernetes API of one cluster, as KubernetesApi says. Safe to use from several threads."""

    def __init__(self, connect: Connect, *, now: Callable[[], datetime], deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        self._sessions = Sessions(connect, now=now, deadline=deadline)

    @property
    def host(self) -> str:
        """As KubernetesApi says."""
        return self._use("sign in", lambda session: session.connection.host)

    def nodes(self) -> tuple[Node, ...]:
        """As KubernetesApi says."""
        return self._call(
            "list the nodes",
            lambda client: tuple(to_node(each) for each in client.list(resources.Node, chunk_size=_AT_ONCE)),
        )

    def pods(self, namespace: str = "", node: str = "") -> tuple[Pod, ...]:
        """As KubernetesApi says."""
        fields: dict[str, str | BinaryOperator | SequenceOperator] = {"spec.nodeName": node} if node else {}
        return self._call(
            "list the pods",
            lambda client: tuple(
                to_pod(each)
                for each in client.list(
                    resources.Pod, namespace=namespace or "*", chunk_size=_AT_ONCE, fields=fields
                )
            ),
        )

    def disruption_budgets(self) -> tuple[DisruptionBudget, ...]:
        """As KubernetesApi says."""
        return self._call(
            "list the disruption budgets",
            lambda client: tuple(
                to_budget(each)
                for each in client.list(policy_v1.PodDisruptionBudget, namespace="*", chunk_size=_AT_ONCE)
            ),
        )

    def namespace_annotations(self) -> dict[str, dict[str, str]]:
        """As KubernetesApi says."""
        return self._call(
            "list the namespaces",
            lambda client: {
                each.metadata.name or "": dict(each.metadata.annotations or {})
                for each in client.list(resources.Namespace, chunk_size=_AT_ONCE)
                if each.metadata
            },
        )

    def cordon(self, node: str, *, on: bool = True) -> None:
        """As KubernetesApi says."""
        self._patch_node(
            f"{'cordon' if on else 'uncordon'} {node}", node, {"spec": {"unschedulable": on or None}}
        )

    def set_label(self, node: str, key: str, value: str | None) -> None:
        """As KubernetesApi says."""
        self._patch_node(f"label {node}", node, {"metadata": {"labels": {key: value}}})

    def add_taint(self, node: str, taint: Taint) -> None:
        """As KubernetesApi says."""

        def add(taints: list[core_v1.Taint]) -> list[core_v1.Taint]:
            kept = [each for each in taints if (each.key, each.effect) != (taint.key, taint.effect)]
            wanted = core_v1.Taint(key=taint.key, effect=taint.effect, value=taint.value or None)
            return taints if any(to_taint(each) == taint for each in taints) else [*kept, wanted]

        self._change_taints(f"taint {node}", node, add)

    def remove_taint(self, node: str, key: str) -> None:
        """As KubernetesApi says."""
        self._change_taints(
            f"remove a taint of {node}", node, lambda taints: [each for each in taints if each.key != key]
        )

    def evict(self, pod: Pod) -> str:
        """As KubernetesApi says."""
        about = meta_v1.ObjectMeta(name=pod.name, namespace=pod.namespace)
        # Another pod of the same name, as a stateful set makes, is not the one that was meant.
        meant = meta_v1.DeleteOptions(preconditions=meta_v1.Preconditions(uid=pod.uid)) if pod.uid else None
        eviction = resources.PodEviction(metadata=about, deleteOptions=meant)

        def ask(client: Client) -> str:
            try:
                client.create(eviction, pod.name, namespace=pod.namespace)
            except ApiError as error:
                status = error.response.status_code
                if status == 404 or (status == 409 and _is_gone(client, pod)):
                    return ""
                if reason := why_not_evicted(error):
                    return reason
                raise
            return ""

        return self._call(f"evict {pod.namespace}/{pod.name}", ask)

    def _patch_node(self, what: str, node: str, patch: dict[str, object]) -> None:
        def send(client: Client) -> None:
            try:
                client.patch(resources.Node, node, patch, patch_type=PatchType.MERGE)
            except ApiError as error:
                if error.response.status_code != 404:
                    raise

        self._call(what, send)

    def _change_taints(
        self, what: str, node: str, change: Callable[[list[core_v1.Taint]], list[core_v1.Taint]]
    ) -> None:
        """The server can't merge lists of taints: they are read, and replaced if the node is unchanged."""

        def send(client: Client) -> None:
            while True:
                try:
                    found = client.get(resources.Node, node)
                    before = list((found.spec.taints if found.spec else None) or ())
                    after = change(before)
                    if after == before:
                        return
                    version = found.metadata.resourceVersion if found.metadata else None
                    taints = [msgspec.to_builtins(each) for each in after]
                    patch = {"metadata": {"resourceVersion": version}, "spec": {"taints": taints}}
                    client.patch(resources.Node, node, patch, patch_type=PatchType.MERGE)
                    return
                except ApiError as error:
                    if error.response.status_code == 404:
                        return
                    if error.response.status_code != 409:  # a conflict: it has changed meanwhile
                        raise

        self._call(what, send)

    def close(self) -> None:
        """As KubernetesApi says."""
        self._sessions.close()

    def _call(self, what: str, call: Callable[[Client], T]) -> T:
        return self._use(what, lambda session: call(session.client))

    def _use(self, what: str, call: Callable[[Session], T]) -> T:
        """A call with its deadline, which holds while credentials are fetched, too."""
        until, reached = time.monotonic() + self._deadline, _NOWHERE

        def run() -> T:
            nonlocal reached
            session = self._sessions.borrow()
            reached = session.connection
            try:
                session.transport.until.at = until
                return call(session)
            finally:
                self._sessions.give_back(session)

        try:
            return within(self._deadline, run)
        except (TimeoutError, httpx2.TimeoutException) as error:
            self.close()
            raise KubernetesTimeout(
                f"the API server did not {what} within {self._deadline:g} s",
                where=reached.server,
                remedy="is it overloaded, or does a firewall drop packets? look at the control-plane nodes",
            ) from error
        except httpx2.HTTPStatusError as error:
            raise translate_status(what, error, reached) from error
        except httpx2.TransportError as error:
            self.close()
            raise translate_transport(what, error, reached) from error
        except (msgspec.MsgspecError, httpx2.HTTPError, KeyError, ValueError) as error:
            raise KubernetesError(
                f"the answer to '{what}' is not that of a Kubernetes API",
                where=reached.server,
                remedy="is this the URL of the cluster's API server? something else may answer there",
            ) from error


def _is_gone(client: Client, pod: Pod) -> bool:
    """Whether no pod, or another one, has its name by now."""
    try:
        found = client.get(resources.Pod, pod.name, namespace=pod.namespace)
    except ApiError as error:
        if error.response.status_code == 404:
            return True
        raise
    return bool(pod.uid and found.metadata and found.metadata.uid != pod.uid)
