"""The kinds of objects that the API has, as its discovery documents list them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Object: TypeAlias = dict[str, Any]
"""An object of the API, as JSON."""


@dataclass(frozen=True)
class Kind:
    """A kind and the resource that its objects are read at."""

    group: str
    """"" for the core group."""
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    has_status: bool = True
    """Whether ``status`` is a subresource, which writes of the object leave alone."""
    in_all: bool = False
    """Whether ``kubectl get all`` lists it."""

    def __hash__(self) -> int:  # that of all fields takes its time, and is asked for all the time
        return hash(self.plural)

    @property
    def api_version(self) -> str:
        """As in objects, e.g. ``apps/v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        """The name of one, e.g. ``pod``."""
        return self.kind.lower()


NAMESPACES: Final = Kind("", "v1", "namespaces", "Namespace", False, ("ns",))
NODES: Final = Kind("", "v1", "nodes", "Node", False, ("no",))
PODS: Final = Kind("", "v1", "pods", "Pod", short=("po",), in_all=True)
EVENTS: Final = Kind("", "v1", "events", "Event", short=("ev",), has_status=False)
DEPLOYMENTS: Final = Kind("apps", "v1", "deployments", "Deployment", short=("deploy",), in_all=True)
REPLICA_SETS: Final = Kind("apps", "v1", "replicasets", "ReplicaSet", short=("rs",), in_all=True)
DAEMON_SETS: Final = Kind("apps", "v1", "daemonsets", "DaemonSet", short=("ds",), in_all=True)
STATEFUL_SETS: Final = Kind("apps", "v1", "statefulsets", "StatefulSet", short=("sts",), in_all=True)
BUDGETS: Final = Kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", short=("pdb",))
DEFINITIONS: Final = Kind(
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    False,
    ("crd", "crds"),
)

BUILT_IN: Final = (
    NAMESPACES,
    NODES,
    PODS,
    EVENTS,
    DEPLOYMENTS,
    REPLICA_SETS,
    DAEMON_SETS,
    STATEFUL_SETS,
    BUDGETS,
    DEFINITIONS,
    Kind("", "v1", "configmaps", "ConfigMap", short=("cm",), has_status=False),
    Kind("", "v1", "secrets", "Secret", has_status=False),
    Kind("", "v1", "services", "Service", short=("svc",), in_all=True),
    Kind("", "v1", "serviceaccounts", "ServiceAccount", short=("sa",), has_status=False),
    Kind("", "v1", "endpoints", "Endpoints", short=("ep",), has_status=False),
    Kind("", "v1", "persistentvolumes", "PersistentVolume", False, ("pv",)),
    Kind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", short=("pvc",)),
    Kind("batch", "v1", "jobs", "Job", in_all=True),
    Kind("batch", "v1", "cronjobs", "CronJob", short=("cj",), in_all=True),
    Kind("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", short=("hpa",)),
    Kind("coordination.k8s.io", "v1", "leases", "Lease", has_status=False),
    Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", has_status=False),
    Kind("networking.k8s.io", "v1", "ingresses", "Ingress", short=("ing",)),
    Kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", short=("netpol",), has_status=False),
    Kind("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False, has_status=False),
    Kind(
        "rbac.authorization.k8s.io",
        "v1",
        "clusterrolebindings",
        "ClusterRoleBinding",
        False,
        has_status=False,
    ),
    Kind("rbac.authorization.k8s.io", "v1", "roles", "Role", has_status=False),
    Kind("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", has_status=False),
    Kind("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", False, ("pc",), has_status=False),
    Kind("storage.k8s.io", "v1", "storageclasses", "StorageClass", False, ("sc",), has_status=False),
)
"""Those that need no definition. Only pods, nodes, workloads and budgets are acted on; others are stored."""


def defined(definitions: Iterable[Object]) -> Iterable[Kind]:
    """The kinds that CustomResourceDefinitions add."""
    for each in definitions:
        spec = each["spec"]
        names = spec["names"]
        for version in spec["versions"]:
            if version.get("served", True):
                yield Kind(
                    spec["group"],
                    version["name"],
                    names["plural"],
                    names["kind"],
                    spec.get("scope") != "Cluster",
                    tuple(names.get("shortNames", ())),
                    "status" in version.get("subresources", {}),
                )


def clone(value: Any) -> Any:
    """A copy of JSON that shares nothing with it."""
    if isinstance(value, dict):
        return {name: clone(item) for name, item in value.items()}
    if isinstance(value, list):
        return [clone(item) for item in value]
    return value
