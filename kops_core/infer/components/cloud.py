"""AWS: cloud controller manager, EBS volumes, storage classes, node addresses.

Facts: kOps' ``components/awscloudcontrollermanager.go``, ``awsebscsidriver.go``, ``aws.go``,
``cloudconfiguration.go``. Ranges and routes of the cloud controller manager are the rules
of ``kube_controller_manager``.
"""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import is_ipv6
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

CLOUD_CONTROLLER_MANAGER = "registry.k8s.io/provider-aws/cloud-controller-manager:v1.36.1"
EBS_CSI_DRIVER = "v1.58.0"
# Releases as of kOps 1.37 (2026-07).


@rule("spec.cloudControllerManager.clusterName", because="it is the cluster's name")
def cluster_name(c: Reader) -> Value:
    return c.string("metadata.name")


@rule(
    "spec.cloudConfig.nodeIPFamilies",
    because="nodes of IPv6 clusters are known by their IPv6 address first",
    when=is_ipv6,
)
def node_ip_families(c: Reader) -> Value:
    return ["ipv6", "ipv4"]


FIXED = fixed(
    __name__,
    "spec.cloudControllerManager",
    {
        "image": (CLOUD_CONTROLLER_MANAGER, "it is the release that kOps 1.37 was tested with"),
        "leaderElection.leaderElect": (True, "one of several replicas is active"),
    },
)
CLOUD_CONFIG = fixed(
    __name__,
    "spec.cloudConfig",
    {
        "manageStorageClasses": (True, "kOps installs storage classes for EBS"),
        "awsEBSCSIDriver.version": (EBS_CSI_DRIVER, "it is the release that kOps 1.37 was tested with"),
    },
)
