"""From the errors of the client library and its transport to those of this project, and what a refused
eviction means."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx2
from lightkube.core.exceptions import ApiError

from kops_core.errors import (
    KubernetesCertificateError,
    KubernetesDenied,
    KubernetesError,
    KubernetesUnavailable,
    KubernetesUnreachable,
)
from kops_core.kube.connection import Connection

_BUDGET: Final = "DisruptionBudget"
"""Cause of a refusal by a disruption budget (``policy/v1``, DisruptionBudgetCause)."""
_TERMINATING: Final = "NamespaceTerminating"
"""Cause of a refusal in a namespace that is being deleted (``v1``, NamespaceTerminatingCause)."""
_TRANSIENT: Final = (429, 500, 502, 503, 504)
"""Statuses that the same call may not get later: overload, no quorum of etcd, no server behind a balancer."""


def why_not_evicted(error: ApiError) -> str:
    """Why a pod may not be evicted now, in the API's words; "" if the error says something else.

    A server that is overloaded answers 429, too, but names no budget.
    """
    status = error.response.status_code
    details = error.status.details
    causes = {each.reason: each.message or "" for each in (details.causes if details else None) or ()}
    if status == 429 and _BUDGET in causes:
        return causes[_BUDGET] or error.status.message or "a disruption budget does not permit it now"
    if status == 403 and _TERMINATING in causes:
        return causes[_TERMINATING] or error.status.message or "its namespace is being deleted"
    return ""


def translate_status(what: str, error: httpx2.HTTPStatusError, connection: Connection) -> KubernetesError:
    """The error for a refusal. what: the call, as in "could not ..."."""
    status = error.response.status_code
    said = error.status.message if isinstance(error, ApiError) else ""
    told = f"{status}: {said}" if said else f"{status}"
    if status == 401:
        return KubernetesDenied(
            f"the API server does not accept our credentials ({told})",
            where=connection.server,
            remedy="have the keys been rotated, or has the kubeconfig's certificate or token ended?",
        )
    if status == 403:
        return KubernetesDenied(
            f"the API server does not permit us to {what} ({told})",
            where=connection.server,
            remedy="use the state store's administrator (without --use-kubeconfig), or grant the permission",
        )
    found = KubernetesUnavailable if status in _TRANSIENT else KubernetesError
    return found(
        f"the API server could not {what}: status {told}",
        where=connection.server,
        remedy="look at the log of kube-apiserver on the control-plane nodes, and at etcd",
    )


def translate_transport(what: str, error: httpx2.TransportError, connection: Connection) -> KubernetesError:
    """The error for a connection that could not be made, or broke. what: as for translate_status."""
    causes = list(_walk_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return KubernetesCertificateError(
                f"the server's certificate is not the cluster's: {cause.verify_message}",
                where=connection.server,
                remedy="is this the right server, and has the cluster's certificate authority been rotated?",
            )
        if isinstance(cause, ssl.SSLError) and "ALERT" in (cause.reason or ""):
            return KubernetesCertificateError(
                f"the server does not accept our certificate ({cause.reason})",
                where=connection.server,
                remedy="has the keyset kubernetes-ca been rotated since the server started?",
            )
    unreached = any(isinstance(cause, socket.gaierror | ConnectionRefusedError) for cause in causes)
    if connection.proxy and (unreached or isinstance(error, httpx2.ProxyError)):
        return KubernetesUnreachable(
            f"the proxy for the API server can't be used: {error}",
            where=connection.server,
            remedy="look at HTTPS_PROXY and NO_PROXY, or at proxy-url in the kubeconfig",
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return KubernetesUnreachable(
            "the name of the API server does not resolve",
            where=connection.server,
            remedy="has the cluster been applied, and its DNS record been made? or name it with --api-server",
        )
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return KubernetesUnreachable(
            "the API server refuses the connection",
            where=connection.server,
            remedy="is kube-apiserver running on the control-plane nodes? it takes minutes after they start",
        )
    return KubernetesUnreachable(
        f"the connection to the API server broke while it was to {what}: {error}",
        where=connection.server,
        remedy="try again; if it stays, look at the control-plane nodes, the load balancer and the network",
    )


def _walk_causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
