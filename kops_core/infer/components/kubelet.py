"""The kubelet, on nodes and control plane. Facts: kOps' ``components/kubelet.go``, ``spec_builder.go``."""

from __future__ import annotations

from kops_core.api import semver
from kops_core.api.path import render
from kops_core.api.values import Maybe, Tree, Value
from kops_core.infer.common import NODE_KUBERNETES, kubernetes, service_address
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

EVICTION_HARD = (
    "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,"
    "imagefs.available<10%,imagefs.inodesFree<5%"
)


_LEAK = "the Amazon VPC CNI leaks network interfaces of pods that are stopped so late"


@rule(
    "spec.masterKubelet",
    because="the control plane's kubelet starts from the cluster's kubelet settings, its own come on top",
    over_user=True,
)
def control_plane_kubelet(c: Reader) -> Maybe:
    cluster, own = c.user_value("spec.kubelet"), c.user_value("spec.masterKubelet")
    if not isinstance(cluster, dict) or not cluster:
        return None
    return merged(cluster, own if isinstance(own, dict) else {})


@rule(
    "spec.kubelet.clusterDNS", "spec.masterKubelet.clusterDNS", because="pods ask the cluster's DNS service"
)
def cluster_dns(c: Reader) -> Value:
    if c.boolean("spec.kubeDNS.nodeLocalDNS.enabled"):
        c.because("pods ask the DNS cache on their node, which is on")
        return c.string("spec.kubeDNS.nodeLocalDNS.localIP")
    return service_address(c, 10)


@rule(
    "spec.kubelet.clusterDomain",
    "spec.masterKubelet.clusterDomain",
    because="names of services end in the cluster's DNS domain",
)
def cluster_domain(c: Reader) -> Value:
    return c.string("spec.clusterDNSDomain")


@rule("spec.kubelet.enableDebuggingHandlers", because="logs and exec go through the kubelet")
def enable_debugging_handlers(c: Reader) -> Value:
    return True


@rule(
    "spec.masterKubelet.enableDebuggingHandlers",
    because="logs and exec go through the kubelet, unless the control plane is isolated",
)
def control_plane_debugging_handlers(c: Reader) -> Value:
    return not c.boolean("spec.isolateMasters")


@rule(
    "spec.masterKubelet.hairpinMode",
    because="an isolated control plane runs no pods that call themselves",
    when=lambda c: c.boolean("spec.isolateMasters") is True,
)
def control_plane_hairpin_mode(c: Reader) -> Value:
    return "none"


@rule(
    "spec.kubelet.shutdownGracePeriod",
    "spec.masterKubelet.shutdownGracePeriod",
    because="pods get half a minute when a node shuts down",
)
def shutdown_grace_period(c: Reader) -> Value:
    if not c.has("spec.networking.amazonvpc"):
        return "30s"
    c.because(_LEAK)
    return "0s"


@rule(
    "spec.kubelet.shutdownGracePeriodCriticalPods",
    "spec.masterKubelet.shutdownGracePeriodCriticalPods",
    because="it is a part of the shutdown grace period that kOps sets; with your own period, it is yours too",
)
def shutdown_grace_period_critical_pods(c: Reader) -> Value:
    if c.has("spec.networking.amazonvpc"):
        c.because(_LEAK)
        return "0s"
    return None if _written(c, "shutdownGracePeriod") is not None else "10s"


@rule(
    "spec.kubelet.registerSchedulable",
    "spec.masterKubelet.registerSchedulable",
    because="kubelets before 1.34 are told to register as schedulable",
)
def register_schedulable(c: Reader) -> Value:
    held = semver.parse_kubernetes(str(c.setting(NODE_KUBERNETES) or "")) if c.at[1] == "kubelet" else None
    version = held or kubernetes(c)
    return None if (version.major, version.minor) >= (1, 34) else True


@rule(
    "spec.masterKubelet.featureGates.ImageVolume",
    because="etcd's binaries are mounted from an image, which Kubernetes has behind a gate before 1.36",
)
def image_volume(c: Reader) -> Value:
    version = kubernetes(c)
    return "true" if (1, 32) <= (version.major, version.minor) < (1, 36) else None


@rule(
    "spec.kubelet.volumePluginDirectory",
    "spec.masterKubelet.volumePluginDirectory",
    because="/usr is read-only on Flatcar, and an instance group has a Flatcar image",
)
def volume_plugin_directory(c: Reader) -> Value:
    for name in c.keys("instanceGroups"):
        image = c.user_value(render(("instanceGroups", name, "spec", "image")))
        if isinstance(image, str) and "flatcar" in image.lower():
            return "/var/lib/kubelet/volumeplugins/"
    return None


FIXED = fixed(
    __name__,
    "spec.kubelet",
    {
        "podManifestPath": ("/etc/kubernetes/manifests", "kOps writes static pods there"),
        "logLevel": (2, "it is kOps' log level for components of Kubernetes"),
        "evictionHard": (EVICTION_HARD, "nodes evict pods before memory or disks are full"),
        "kubeconfigPath": ("/var/lib/kubelet/kubeconfig", "nodeup writes the kubelet's credentials there"),
        "cgroupRoot": ("/", "pods' cgroups lie below the root"),
        "cloudProvider": ("external", "the cloud controller manager, not the kubelet, talks to AWS"),
        "cgroupDriver": ("systemd", "kubelet and containerd both use systemd's cgroups"),
        "protectKernelDefaults": (True, "nodeup sets the kernel parameters that the kubelet expects"),
    },
    "spec.masterKubelet",
)


def merged(below: Tree, above: Tree) -> Tree:
    """Merges two settings as kOps does: maps key by key, lists and scalars whole."""
    result = dict(below)
    for key, value in above.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


def _written(c: Reader, field: str) -> Value:
    """The user's value of another field of the kubelet that is being computed."""
    own = c.user_value(f"spec.{c.at[1]}.{field}")
    return own if own is not None or c.at[1] == "kubelet" else c.user_value(f"spec.kubelet.{field}")
