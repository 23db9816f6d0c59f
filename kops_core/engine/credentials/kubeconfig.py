"""Computes the entries of a kubeconfig: endpoint, authorities and credentials of a cluster; pure.

Contents and names are kOps' (``pkg/kubeconfig``): cluster, context and administrator have the name of the
cluster.
"""

from __future__ import annotations

import ipaddress
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kops_core.api import duration, yaml_reader
from kops_core.api.canonical import emit
from kops_core.api.path import FieldPath, get, parse
from kops_core.api.values import UNSET, Tree, Value
from kops_core.api.yaml_edit import set_value
from kops_core.errors import InvalidSpec, UsageError
from kops_core.store.certificates import ClientCertificate

ADMINISTRATORS: Final = "system:masters"
"""The group of a kubeconfig's administrator, with all permissions."""
ADMIN_LIFETIME: Final = timedelta(hours=18)
"""The default lifetime of an administrator's certificate."""
ENDPOINT_VARIABLE: Final = "KOPS_TUI_KUBERNETES_ENDPOINT"
"""Variable with the URL of the API server of all clusters, for the sandbox."""
_ADMIN_PORT: Final = 8443
"""Port for client certificates of a load balancer that has a certificate of its own."""

_CREDENTIALS: Final = (
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "exec",
    "password",
    "username",
)
"""Credentials of a user entry that new ones replace: kubectl refuses or prefers some of them.
"""

Edits = dict[FieldPath, Value]


@dataclass(frozen=True)
class KubeconfigOptions:
    """The options of ``kops export kubeconfig``."""

    admin: timedelta | None = None
    """Lifetime of an administrator's certificate to issue; None for no certificate."""
    user: str = ""
    """An existing user of the kubeconfig, for the context."""
    internal: bool = False
    """Use the API's internal name."""
    auth_plugin: bool = False
    """Whether kubectl gets certificates from this program as a credential plugin."""
    api_server: str = ""
    """URL of the API, instead of the one that follows from the spec."""
    file: str = ""
    """The kubeconfig to write, instead of the cluster's own or those of KUBECONFIG."""

    def checked(self) -> KubeconfigOptions:
        """The options themselves. Raises UsageError for several kinds of credentials."""
        if self.admin is not None and self.user:
            raise UsageError("--admin and --user can't go together")
        return self


def lifetime(text: str) -> timedelta | None:
    """The lifetime that ``--admin`` gives, e.g. ``18h``; None for none. Raises UsageError."""
    found = timedelta(microseconds=duration.parse(text) // 1000) if text else timedelta()
    return found or None


@dataclass(frozen=True)
class Endpoint:
    """The endpoint of the API for clients."""

    server: str
    """URL."""
    server_name: str
    """The expected name in its certificate."""
    authorities: bytes
    """Certificate authorities, PEM; empty for those of the system."""


def find_api_server(environment: Mapping[str, str], named: str) -> str:
    """The URL of the API server instead of the one that follows from the spec; "" for that one.

    named: by the operator, with ``--api-server``.
    """
    return named or environment.get(ENDPOINT_VARIABLE, "")


def wants_balancer(cluster: Tree, options: KubeconfigOptions) -> bool:
    """Whether the server is the API's load balancer, if there is one: it works before DNS does.

    Not if the balancer has a certificate of its own, which is for the public name, unless client certificates
    are used.
    """
    if (
        options.api_server
        or options.internal
        or _string_at(cluster, "spec.api.loadBalancer.class") != "Network"
    ):
        return False
    return not _has_own_certificate(cluster) or options.admin is not None


def endpoint(
    cluster: Tree, name: str, options: KubeconfigOptions, *, balancer: str, authorities: bytes
) -> Endpoint:
    """The endpoint of a cluster's API. cluster: as it is stored.

    balancer: DNS name of its load balancer, "" if it is not used or does not exist. authorities: the
    trusted certificates of kubernetes-ca, PEM.
    """
    internal = f"api.internal.{name}"
    network = _string_at(cluster, "spec.api.loadBalancer.class") == "Network"
    own = _has_own_certificate(cluster)
    if options.api_server:
        server = options.api_server
    else:
        public = _string_at(cluster, "spec.masterPublicName") or f"api.{name}"
        server = "https://" + (internal if options.internal else _bracketed(balancer or public))
        if options.admin is not None and own and network:
            server += f":{_ADMIN_PORT}"
    believed = authorities if not own or network or options.internal else b""
    return Endpoint(server, internal, believed)


def edits(
    before: Tree,
    name: str,
    where: Endpoint,
    options: KubeconfigOptions,
    *,
    certificate: ClientCertificate | None,
    plugin: Sequence[str],
) -> Edits:
    """The edits that add a cluster to a kubeconfig, except the current context.

    plugin: the command of the credential plugin. Other fields of existing entries stay.
    """
    cluster = _entry(before, "clusters", name, "cluster")
    cluster |= {"server": where.server, "tls-server-name": where.server_name}
    cluster.pop("certificate-authority-data", None)
    if where.authorities:
        cluster["certificate-authority-data"] = b64encode(where.authorities).decode()
    found: Edits = {_entry_path(before, "clusters", name): {"name": name, "cluster": cluster}}

    context = _entry(before, "contexts", name, "context") | {"cluster": name}
    if options.user and options.user != name:
        context["user"] = options.user
    elif certificate is not None or options.auth_plugin:
        user = _entry(before, "users", name, "user")
        for field in _CREDENTIALS:
            user.pop(field, None)
        if options.auth_plugin:
            user["exec"] = {
                "apiVersion": "client.authentication.k8s.io/v1beta1",
                "command": plugin[0],
                "args": list(plugin[1:]),
            }
        elif certificate is not None:
            user["client-certificate-data"] = b64encode(certificate.certificate).decode()
            user["client-key-data"] = b64encode(certificate.private_key.reveal()).decode()
        found[_entry_path(before, "users", name)] = {"name": name, "user": user}
        context["user"] = name
    found[_entry_path(before, "contexts", name)] = {"name": name, "context": context}
    return found


def without(before: Tree, name: str) -> Edits:
    """The edits that remove a cluster from a kubeconfig."""
    names = {"clusters": {name}, "contexts": {name}, "users": {name, f"{name}-basic-auth"}}
    found: Edits = {
        (section,): [item for item in _items(before, section) if not _is_named(item, gone)]
        for section, gone in names.items()
        if any(_is_named(item, gone) for item in _items(before, section))
    }
    return found | ({("current-context",): ""} if before.get("current-context") == name else {})


def _is_named(item: Value, names: set[str]) -> bool:
    return isinstance(item, dict) and item.get("name") in names


def has(kubeconfig: Tree, section: str, name: str) -> bool:
    """Whether a kubeconfig has an entry of a name in ``clusters``, ``contexts`` or ``users``."""
    return _index(kubeconfig, section, name) is not None


def read(text: str, source: str) -> Tree:
    """A kubeconfig as a tree; empty for an empty text. Raises UsageError, without any of its content."""
    try:
        documents = yaml_reader.read(text, source)
        tree = documents[0].value if documents else {}
    except InvalidSpec:
        tree, documents = None, []
    if not isinstance(tree, dict) or len(documents) > 1:
        raise UsageError(
            "the kubeconfig can't be read", where=source, remedy="mend it, or name another with --kubeconfig"
        )
    return tree


def edited(text: str, changes: Mapping[FieldPath, Value]) -> str:
    """The text of a kubeconfig with ``edits`` made. Everything else stays, byte for byte."""
    if not text.strip():
        new: Tree = {"apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": [], "users": []}
        text = emit(new)
    for path, value in changes.items():
        text = set_value(text, path, value)
    return text


def _entry(kubeconfig: Tree, section: str, name: str, kind: str) -> dict[str, Value]:
    """A copy of a kubeconfig's entry of a cluster, context or user."""
    index = _index(kubeconfig, section, name)
    found = get(kubeconfig, (section, index, kind)) if index is not None else UNSET
    return dict(found) if isinstance(found, dict) else {}


def _entry_path(kubeconfig: Tree, section: str, name: str) -> FieldPath:
    index = _index(kubeconfig, section, name)
    return (section, len(_items(kubeconfig, section)) if index is None else index)


def _index(kubeconfig: Tree, section: str, name: str) -> int | None:
    for index, item in enumerate(_items(kubeconfig, section)):
        if isinstance(item, dict) and item.get("name") == name:
            return index
    return None


def _items(kubeconfig: Tree, section: str) -> Sequence[Value]:
    found = kubeconfig.get(section)
    return found if isinstance(found, list) else []


def _string_at(cluster: Tree, path: str) -> str:
    found = get(cluster, parse(path))
    return found if isinstance(found, str) else ""


def _has_own_certificate(cluster: Tree) -> bool:
    return bool(_string_at(cluster, "spec.api.loadBalancer.sslCertificate"))


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host
