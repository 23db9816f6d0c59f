"""Amazon VPC CNI, which assigns addresses of the VPC to pods."""

from __future__ import annotations

from kops_core.model.addons.context import NODE_CRITICAL, AddonContext, spell
from kops_core.model.addons.crd import read_table
from kops_core.model.addons.objects import (
    EVERY_TAINT,
    SPC,
    Object,
    config_map,
    container,
    daemon_set,
    host_path,
    matches,
    mount,
    pod,
    pod_field,
    port,
    requests,
    required_nodes,
)
from kops_core.model.addons.rbac import (
    account,
    cluster_role,
    cluster_role_binding,
    rule,
    service_account,
    url_rule,
)

NAME = "aws-node"
VERSION = "v1.23.0"
REGISTRY = "602401143452.dkr.ecr.us-west-2.amazonaws.com"
IMAGE = f"{REGISTRY}/amazon-k8s-cni:{VERSION}"
INIT_IMAGE = f"{REGISTRY}/amazon-k8s-cni-init:{VERSION}"
POLICY_AGENT_IMAGE = f"{REGISTRY}/amazon/aws-network-policy-agent:v1.4.1"
"""As of kOps 1.37, July 2026."""
AT = "spec.networking.amazonvpc"
PODS = {"k8s-app": NAME}
APP = PODS | {"app.kubernetes.io/name": NAME, "app.kubernetes.io/instance": "aws-vpc-cni"}
LABELS = APP | {"app.kubernetes.io/version": VERSION}
LOGS = "/var/log/aws-routed-eni"
RUN = "/var/run/aws-node"
SETTINGS = {
    "AWS_VPC_CNI_NODE_PORT_SUPPORT": "true",
    "AWS_VPC_ENI_MTU": "9001",
    "AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER": "false",
    "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "false",
    "AWS_VPC_K8S_CNI_EXTERNALSNAT": "false",
    "AWS_VPC_K8S_CNI_LOGLEVEL": "DEBUG",
    "AWS_VPC_K8S_CNI_LOG_FILE": f"/host{LOGS}/ipamd.log",
    "AWS_VPC_K8S_CNI_RANDOMIZESNAT": "prng",
    "AWS_VPC_K8S_CNI_VETHPREFIX": "eni",
    "AWS_VPC_K8S_PLUGIN_LOG_FILE": f"{LOGS}/plugin.log",
    "AWS_VPC_K8S_PLUGIN_LOG_LEVEL": "DEBUG",
    "DISABLE_INTROSPECTION": "false",
    "DISABLE_METRICS": "false",
    "DISABLE_NETWORK_RESOURCE_PROVISIONING": "false",
    "ENABLE_POD_ENI": "false",
    "ENABLE_PREFIX_DELEGATION": "false",
    "ENABLE_SUBNET_DISCOVERY": "true",
    "NETWORK_POLICY_ENFORCING_MODE": "standard",
    "WARM_ENI_TARGET": "1",
    "WARM_PREFIX_TARGET": "1",
}
"""The plugin's default settings."""


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        *read_table("amazon_vpc", __package__).definitions(),
        service_account(NAME, labels=LABELS),
        config_map(
            "amazon-vpc-cni",
            {
                "branch-eni-cooldown": "60",
                "enable-network-policy-controller": "false",
                "enable-windows-ipam": "false",
                "enable-windows-prefix-delegation": "false",
                "minimum-ip-target": "3",
                "warm-ip-target": "1",
                "warm-prefix-target": "0",
            },
            labels=LABELS,
        ),
        _cluster_role("ANNOTATE_POD_IP" in settings(c)),
        cluster_role_binding(NAME, NAME, account(NAME), labels=LABELS),
        _daemon_set(c),
    ]


def settings(c: AddonContext) -> dict[str, str]:
    """Variables of the plugin, sorted: ours, overridden by the user's, and those derived from the cluster."""
    users = {str(row.get("name")): str(row.get("value", "")) for row in c.read.records(f"{AT}.env")}
    # The plugin reads this variable as a JSON text within a JSON text.
    tags = f'{{\\"KubernetesCluster\\":\\"{c.name}\\",\\"kubernetes.io/cluster/{c.name}\\":\\"owned\\"}}'
    ipv6 = {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"} if c.ipv6_only else {}
    decided = {
        "ADDITIONAL_ENI_TAGS": tags.replace("\\", ""),
        "ENABLE_IPv4": spell(not c.ipv6_only),
        "ENABLE_IPv6": spell(c.ipv6_only),
    }
    return dict(sorted({**SETTINGS, **users, **ipv6, **decided}.items()))


def _cluster_role(annotates_pods: bool) -> Object:
    policies = "networking.k8s.aws"
    return cluster_role(
        NAME,
        rule("crd.k8s.amazonaws.com", "eniconfigs", "list watch get"),
        rule("", "namespaces", "list watch get"),
        rule("", "pods", "list watch get patch" if annotates_pods else "list watch get"),
        rule("", "nodes", "list watch get"),
        rule("|events.k8s.io", "events", "create patch list"),
        rule(policies, "policyendpoints clusterpolicyendpoints", "get list watch"),
        rule(policies, "policyendpoints/status clusterpolicyendpoints/status", "get"),
        rule("vpcresources.k8s.aws", "cninodes", "get list watch patch"),
        url_rule(f"/apis/{policies} /apis/{policies}/*", "get"),
        labels=LABELS,
    )


def _daemon_set(c: AddonContext) -> Object:
    made = "DirectoryOrCreate"
    return daemon_set(
        NAME,
        PODS,
        pod(
            APP,
            _plugin(c),
            _policy_agent(c),
            affinity={
                "nodeAffinity": required_nodes(
                    [
                        matches("kubernetes.io/os", "In", "linux"),
                        matches("kubernetes.io/arch", "In", "amd64 arm64"),
                        matches("eks.amazonaws.com/compute-type", "NotIn", "fargate hybrid auto"),
                    ]
                )
            },
            hostNetwork=True,
            initContainers=[
                container(
                    "aws-vpc-cni-init",
                    c.text(f"{AT}.initImageName", INIT_IMAGE),
                    env={"DISABLE_TCP_EARLY_DEMUX": "false", "ENABLE_IPv6": spell(c.ipv6_only)},
                    mounts=[mount("cni-bin-dir", "/host/opt/cni/bin")],
                    resources=requests("25m"),
                    imagePullPolicy="IfNotPresent",
                    securityContext={"privileged": True},
                )
            ],
            priorityClassName=NODE_CRITICAL,
            securityContext={"seLinuxOptions": SPC} if c.selinux else None,
            serviceAccountName=NAME,
            terminationGracePeriodSeconds=10,
            tolerations=[EVERY_TAINT],
            volumes=[
                host_path("bpf-pin-path", "/sys/fs/bpf"),
                host_path("cni-bin-dir", "/opt/cni/bin"),
                host_path("cni-net-dir", "/etc/cni/net.d"),
                host_path("log-dir", LOGS, made),
                host_path("run-dir", RUN, made),
                host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
            ],
        ),
        labels=LABELS,
        updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}},
    )


def _plugin(c: AddonContext) -> Object:
    ask: Object = {
        "exec": {
            "command": [
                "/app/grpc-health-probe",
                f"-addr=unix://{RUN}/ipamd.sock",
                "-connect-timeout=5s",
                "-rpc-timeout=5s",
            ]
        },
        "timeoutSeconds": 10,
    }
    return container(
        NAME,
        c.text(f"{AT}.imageName", IMAGE),
        env={
            **settings(c),
            "VPC_CNI_VERSION": VERSION,
            "MY_NODE_NAME": pod_field("spec.nodeName", "v1"),
            "MY_POD_NAME": pod_field("metadata.name", "v1"),
            "CLUSTER_NAME": c.name,
        },
        ports=[port(61678, "metrics")],
        mounts=[
            mount("cni-bin-dir", "/host/opt/cni/bin"),
            mount("cni-net-dir", "/host/etc/cni/net.d"),
            mount("log-dir", f"/host{LOGS}"),
            mount("run-dir", RUN),
            mount("xtables-lock", "/run/xtables.lock"),
        ],
        livenessProbe=ask | {"initialDelaySeconds": 60},
        readinessProbe=ask | {"initialDelaySeconds": 1},
        resources=requests("25m"),
        imagePullPolicy="IfNotPresent",
        securityContext={"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}},
    )


def _policy_agent(c: AddonContext) -> Object:
    return container(
        "aws-eks-nodeagent",
        c.text(f"{AT}.networkPolicyAgentImage", POLICY_AGENT_IMAGE),
        args=[
            "--enable-ipv6=false",
            "--enable-network-policy=false",
            "--enable-cloudwatch-logs=false",
            "--enable-policy-event-logs=false",
            f"--log-file={LOGS}/network-policy-agent.log",
            "--metrics-bind-addr=:8162",
            "--health-probe-bind-addr=:8163",
            "--conntrack-cache-cleanup-period=300",
            "--conntrack-cache-table-size=524288",
            "--log-level=debug",
        ],
        env={"MY_NODE_NAME": pod_field("spec.nodeName", "v1")},
        ports=[port(8162, "agentmetrics")],
        mounts=[
            mount("cni-bin-dir", "/host/opt/cni/bin"),
            mount("bpf-pin-path", "/sys/fs/bpf"),
            mount("log-dir", LOGS),
            mount("run-dir", RUN),
        ],
        resources=requests("25m"),
        imagePullPolicy="IfNotPresent",
        securityContext={"capabilities": {"add": ["NET_ADMIN"]}, "privileged": True},
    )
