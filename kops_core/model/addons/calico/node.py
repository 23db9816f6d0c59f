"""Calico's daemon set, which installs the plugin, routes, and enforces policies."""

from __future__ import annotations

from kops_core.model.addons.calico.names import API_ENDPOINT, AT, NODE, image, setting
from kops_core.model.addons.context import NODE_CRITICAL, AddonContext, spell
from kops_core.model.addons.dns_controller import proxy_variables
from kops_core.model.addons.objects import (
    Object,
    container,
    daemon_set,
    host_path,
    mount,
    only,
    pod,
    pod_field,
    port,
    requests,
    tolerates,
)

PODS = {"k8s-app": NODE}
PRIVILEGED: Object = {"privileged": True}
BOTH_WAYS = "Bidirectional"


def node(c: AddonContext, with_typha: bool) -> Object:
    """The pods on the nodes."""
    return daemon_set(
        NODE,
        PODS,
        pod(
            PODS,
            _node(c, with_typha),
            hostNetwork=True,
            initContainers=_first(c),
            nodeSelector={"kubernetes.io/os": "linux"},
            priorityClassName=NODE_CRITICAL,
            securityContext={"seccompProfile": {"type": "RuntimeDefault"}},
            serviceAccountName=NODE,
            terminationGracePeriodSeconds=0,
            tolerations=[
                {"effect": "NoSchedule", "operator": "Exists"},
                *tolerates("CriticalAddonsOnly"),
                {"effect": "NoExecute", "operator": "Exists"},
            ],
            volumes=_volumes(c),
        ),
        labels=PODS,
        updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
    )


def _first(c: AddonContext) -> list[Object]:
    name = {"KUBERNETES_NODE_NAME": pod_field("spec.nodeName")}
    common: Object = {"imagePullPolicy": "IfNotPresent", "securityContext": PRIVILEGED}
    upgrade = container(
        "upgrade-ipam",
        image(c, "cni"),
        command=["/opt/cni/bin/calico-ipam", "-upgrade"],
        env={**name, "CALICO_NETWORKING_BACKEND": setting("calico_backend")},
        mounts=[
            mount("host-local-net-dir", "/var/lib/cni/networks"),
            mount("cni-bin-dir", "/host/opt/cni/bin"),
        ],
        envFrom=[API_ENDPOINT],
    )
    install = container(
        "install-cni",
        image(c, "cni"),
        command=["/opt/cni/bin/install"],
        env={
            "CNI_CONF_NAME": "10-calico.conflist",
            "CNI_NETWORK_CONFIG": setting("cni_network_config"),
            **name,
            "CNI_MTU": setting("veth_mtu"),
            "SLEEP": "false",
        },
        mounts=[mount("cni-bin-dir", "/host/opt/cni/bin"), mount("cni-net-dir", "/host/etc/cni/net.d")],
        envFrom=[API_ENDPOINT],
    )
    bpf = container(
        "ebpf-bootstrap",
        image(c, "node"),
        command=["calico-node", "-init", "-best-effort"],
        mounts=[
            mount("sys-fs", "/sys/fs", mountPropagation=BOTH_WAYS),
            mount("var-run-calico", "/var/run/calico", mountPropagation=BOTH_WAYS),
            mount("nodeproc", "/nodeproc", readOnly=True),
        ],
    )
    return [each | common for each in (*only(not c.ipv6_only, upgrade), install, bpf)]


def _node(c: AddonContext, with_typha: bool) -> Object:
    bird = {"ipip": "bird6" if c.ipv6_only else "bird"}.get(c.text(f"{AT}.encapsulationMode"), "")
    every: Object = {"periodSeconds": 10, "timeoutSeconds": 10}
    metrics_port = int(c.text(f"{AT}.prometheusMetricsPort", "9091"))
    return container(
        NODE,
        image(c, "node"),
        env=environment(c, with_typha),
        ports=only(c.read.boolean(f"{AT}.prometheusMetricsEnabled"), port(metrics_port, "metrics", "TCP")),
        mounts=[
            mount("cni-net-dir", "/host/etc/cni/net.d", readOnly=False),
            mount("lib-modules", "/lib/modules", readOnly=True),
            mount("xtables-lock", "/run/xtables.lock", readOnly=False),
            mount("var-run-calico", "/var/run/calico", readOnly=False),
            mount("var-lib-calico", "/var/lib/calico", readOnly=False),
            mount("policysync", "/var/run/nodeagent"),
            mount("bpffs", "/sys/fs/bpf"),
            mount("cni-log-dir", "/var/log/calico/cni", readOnly=True),
        ],
        livenessProbe=_ask("live", bird) | every | {"failureThreshold": 6, "initialDelaySeconds": 10},
        readinessProbe=_ask("ready", bird) | every,
        resources=requests(c.text(f"{AT}.cpuRequest", "250m")),
        envFrom=[API_ENDPOINT],
        imagePullPolicy="IfNotPresent",
        lifecycle={"preStop": {"exec": {"command": ["/bin/calico-node", "-shutdown"]}}},
        securityContext=PRIVILEGED,
    )


def _ask(what: str, bird: str) -> Object:
    return {"exec": {"command": ["/bin/calico-node", f"-felix-{what}", *only(bird, f"-{bird}-{what}")]}}


def environment(c: AddonContext, with_typha: bool) -> dict[str, str | Object]:
    """The settings of Calico's programs on a node."""
    six = c.ipv6_only
    found: dict[str, str | Object] = {"DATASTORE_TYPE": "kubernetes"}
    if six:
        found["USE_POD_CIDR"] = "true"
    if with_typha:
        found["FELIX_TYPHAK8SSERVICENAME"] = setting("typha_service_name")
    found |= {
        "WAIT_FOR_DATASTORE": "true",
        "NODENAME": pod_field("spec.nodeName"),
        "CALICO_NETWORKING_BACKEND": setting("calico_backend"),
        "CLUSTER_TYPE": "kops,bgp",
        "IP": "none" if six else "autodetect",
        "IP6": "autodetect" if six else "none",
        "IP_AUTODETECTION_METHOD": c.text(f"{AT}.ipv4AutoDetectionMethod", "none" if six else "first-found"),
        "IP6_AUTODETECTION_METHOD": c.text(f"{AT}.ipv6AutoDetectionMethod", "first-found" if six else "none"),
        "CALICO_IPV4POOL_IPIP": _wrapped(c, "ipip", "ipipMode", "CrossSubnet"),
        "CALICO_IPV4POOL_VXLAN": _wrapped(c, "vxlan", "vxlanMode", "CrossSubnet"),
        "CALICO_IPV6POOL_VXLAN": _wrapped(c, "vxlan", "vxlanMode", "Never"),
        "FELIX_IPINIPMTU": setting("veth_mtu"),
        "FELIX_VXLANMTU": setting("veth_mtu"),
        "FELIX_WIREGUARDMTU": setting("veth_mtu"),
    }
    if six:
        found |= {"CALICO_ROUTER_ID": "hash", "NO_DEFAULT_POOLS": "true"}
    else:
        found["CALICO_IPV4POOL_CIDR"] = c.text("spec.kubeControllerManager.clusterCIDR")
    return found | _felix(c) | proxy_variables(c)


def _wrapped(c: AddonContext, mode: str, field: str, default: str) -> str:
    """The mode of an encapsulation (IPIP or VXLAN): off unless it is the cluster's."""
    if c.text(f"{AT}.encapsulationMode") != mode:
        return "Never"
    return c.text(f"{AT}.{field}", default)


def _felix(c: AddonContext) -> dict[str, str | Object]:
    tables = c.text(f"{AT}.nftablesMode")
    # AWS checks IPv4 only, and drops packets with the address of a pod.
    check = "DoNothing" if c.ipv6_only else c.text(f"{AT}.awsSrcDstCheck", "Disable")
    return {
        "CALICO_DISABLE_FILE_LOGGING": "true",
        "FELIX_DEFAULTENDPOINTTOHOSTACTION": "ACCEPT",
        "FELIX_IPV6SUPPORT": spell(c.ipv6_only),
        "FELIX_HEALTHENABLED": "true",
        "FELIX_AWSSRCDSTCHECK": check,
        "FELIX_BPFENABLED": c.say(f"{AT}.bpfEnabled"),
        "FELIX_BPFEXTERNALSERVICEMODE": c.text(f"{AT}.bpfExternalServiceMode", "Tunnel"),
        "FELIX_BPFKUBEPROXYIPTABLESCLEANUPENABLED": c.say(f"{AT}.bpfKubeProxyIptablesCleanupEnabled"),
        "FELIX_BPFLOGLEVEL": c.text(f"{AT}.bpfLogLevel", "Off"),
        "FELIX_CHAININSERTMODE": c.text(f"{AT}.chainInsertMode", "insert"),
        "FELIX_IPTABLESBACKEND": c.text(f"{AT}.iptablesBackend", "Auto"),
        **({"FELIX_NFTABLESMODE": tables} if tables else {}),
        "FELIX_LOGSEVERITYSCREEN": c.text(f"{AT}.logSeverityScreen", "info"),
        "FELIX_PROMETHEUSMETRICSENABLED": c.say(f"{AT}.prometheusMetricsEnabled"),
        "FELIX_PROMETHEUSMETRICSPORT": c.text(f"{AT}.prometheusMetricsPort", "9091"),
        "FELIX_PROMETHEUSGOMETRICSENABLED": c.say(f"{AT}.prometheusGoMetricsEnabled"),
        "FELIX_PROMETHEUSPROCESSMETRICSENABLED": c.say(f"{AT}.prometheusProcessMetricsEnabled"),
        "FELIX_WIREGUARDENABLED": c.say(f"{AT}.wireguardEnabled"),
    }


def _volumes(c: AddonContext) -> list[Object]:
    made = "DirectoryOrCreate"
    return [
        host_path("lib-modules", "/lib/modules"),
        host_path("var-run-calico", "/var/run/calico", made),
        host_path("var-lib-calico", "/var/lib/calico", made),
        host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
        host_path("sys-fs", "/sys/fs/", made),
        host_path("bpffs", "/sys/fs/bpf", "Directory"),
        host_path("nodeproc", "/proc"),
        host_path("cni-bin-dir", "/opt/cni/bin", made),
        host_path("cni-net-dir", "/etc/cni/net.d"),
        host_path("cni-log-dir", "/var/log/calico/cni"),
        *only(not c.ipv6_only, host_path("host-local-net-dir", "/var/lib/cni/networks")),
        host_path("policysync", "/var/run/nodeagent", made),
    ]
