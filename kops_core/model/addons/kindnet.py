"""kindnet: a small network plugin with routes between nodes."""

from __future__ import annotations

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.crd import read_table
from kops_core.model.addons.objects import (
    Object,
    container,
    daemon_set,
    each_object,
    host_path,
    mount,
    only,
    pod,
    pod_field,
    requests,
)
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule, service_account

NAME = "kindnet"
POLICIES = "policy.networking.k8s.io"
AT = "spec.networking.kindnet"
LABELS = {"app": NAME, "k8s-app": NAME, "tier": "node"}


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    admin = c.read.boolean(f"{AT}.adminNetworkPolicies") is not None
    baseline = c.read.boolean(f"{AT}.baselineAdminNetworkPolicies") is not None
    policies = [*only(admin, "adminnetworkpolicies"), *only(baseline, "baselineadminnetworkpolicies")]
    definitions = read_table("kindnet")
    return each_object(
        cluster_role(
            NAME,
            rule("", "nodes", "list watch patch"),
            rule("", "nodes/proxy nodes/configz", "get"),
            rule("", "configmaps", "get"),
            rule("", "pods namespaces", "list watch"),
            rule("networking.k8s.io", "networkpolicies", "list watch"),
            *only(policies, rule(POLICIES, " ".join(policies), "list watch")),
        ),
        cluster_role_binding(NAME, NAME, account(NAME)),
        service_account(NAME),
        _daemon_set(c),
        only(admin, definitions.definition("AdminNetworkPolicy")),
        only(baseline, definitions.definition("BaselineAdminNetworkPolicy")),
    )


def arguments(c: AddonContext) -> list[str]:
    """Its command line."""
    found = ["--hostname-override=$(NODE_NAME)", f"--v={c.text(f'{AT}.logLevel')}"]
    given = {
        "networkPolicies": "network-policy",
        "adminNetworkPolicies": "admin-network-policy",
        "baselineAdminNetworkPolicies": "admin-network-policy",
    }
    for name, flag in given.items():
        value = c.text(f"{AT}.{name}")
        found += only(value, f"--{flag}={value}")
    found += [
        f"--dns-caching={c.say(f'{AT}.dnsCaching')}",
        f"--nat64={c.say(f'{AT}.nat64')}",
        f"--fastpath-threshold={c.text(f'{AT}.fastPathThreshold')}",
    ]
    if c.read.get(f"{AT}.masquerade") is not None:
        ranges = ",".join(c.read.strings(f"{AT}.masquerade.nonMasqueradeCIDRs"))
        found.append(f"--masquerading={c.say(f'{AT}.masquerade.enabled', default=True)}")
        found += only(ranges, f"--no-masquerade-cidr={ranges}")
    return found


def _daemon_set(c: AddonContext) -> Object:
    image = f"registry.k8s.io/networking/kindnet:{c.text(f'{AT}.version')}"
    made = "DirectoryOrCreate"
    return daemon_set(
        NAME,
        {"app": NAME},
        pod(
            LABELS,
            container(
                "kindnet-cni",
                image,
                command=["/bin/kindnetd", *arguments(c)],
                env={
                    "HOST_IP": pod_field("status.hostIP"),
                    "POD_IP": pod_field("status.podIP"),
                    "NODE_NAME": pod_field("spec.nodeName"),
                },
                mounts=[
                    mount("cni-cfg", "/etc/cni/net.d"),
                    mount("var-lib-kindnet", "/var/lib/cni-kindnet"),
                    mount("nri-plugin", "/var/run/nri"),
                ],
                resources=requests("100m", "50Mi"),
                securityContext={"privileged": True},
            ),
            hostNetwork=True,
            initContainers=[
                container(
                    "install-cni-bin",
                    image,
                    command=[
                        "sh",
                        "-c",
                        "cat /opt/cni/bin/cni-kindnet > /cni/cni-kindnet ; chmod +x /cni/cni-kindnet",
                    ],
                    mounts=[mount("cni-bin", "/cni")],
                )
            ],
            serviceAccountName=NAME,
            tolerations=[{"effect": "NoSchedule", "operator": "Exists"}],
            volumes=[
                host_path("cni-bin", "/opt/cni/bin", made),
                host_path("cni-cfg", "/etc/cni/net.d", made),
                host_path("var-lib-kindnet", "/var/lib/cni-kindnet", made),
                host_path("nri-plugin", "/var/run/nri"),
            ],
        ),
        labels=LABELS,
    )
