"""The judge's clusters: a specification each, made by ``create cluster`` and some edits, and kept as YAML.

The specifications lie in ``tests/data/clusters/<name>/cluster.yaml`` and are the input of the judge; this
list only says how they were made, for making another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

IMAGE = "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260801"
_COMMON = ("--cloud=aws", f"--image={IMAGE}", "--control-plane-size=m5.large", "--node-size=t3.medium")
_THREE = "--zones=us-east-1a,us-east-1b,us-east-1c"


@dataclass(frozen=True)
class Made:
    """How a cluster's specification was made."""

    words: Sequence[str]
    """Of ``create cluster``, without the name and what all have."""
    edits: Sequence[tuple[str, str, str]] = ()
    """Object, field and text, as ``edit --set`` takes them."""
    removed: Sequence[tuple[str, str]] = ()
    """Object and field."""

    def arguments(self, name: str) -> list[str]:
        """All words of ``create cluster``."""
        given = {word.partition("=")[0] for word in self.words}
        common = [each for each in _COMMON if each.partition("=")[0] not in given]
        return [f"{name}.judge.example", *common, *self.words]


_NODES = "nodes-us-east-1a"
_PLANE = "control-plane-us-east-1a"

CLUSTERS: dict[str, Made] = {
    "small": Made(["--zones=us-east-1a", "--networking=cilium", "--kubernetes-version=1.35.0"]),
    "oldest": Made(["--zones=us-east-1a", "--networking=calico", "--kubernetes-version=1.32.4"]),
    "newest": Made(["--zones=us-east-1a", "--networking=cilium", "--kubernetes-version=1.37.0"]),
    "ha": Made([_THREE, "--networking=cilium", "--control-plane-count=3", "--node-count=6"]),
    "private": Made(
        [_THREE, "--networking=cilium", "--topology=private", "--bastion", "--api-loadbalancer-type=internal"]
    ),
    "vpc-cni": Made([_THREE, "--networking=amazonvpc", "--dns-zone=judge.example"]),
    "kindnet": Made(["--zones=us-east-1b", "--networking=kindnet", "--dns=none"]),
    "flannel": Made(["--zones=us-east-1a", "--networking=flannel", "--dns-zone=judge.example"]),
    "ipv6": Made([_THREE, "--networking=cilium", "--ipv6"]),
    "arm": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--node-size=t4g.medium",
            "--control-plane-size=m6g.large",
            "--image=099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260801",
        ]
    ),
    "shared-vpc": Made(
        [
            "--zones=us-east-1a,us-east-1b",
            "--networking=calico",
            "--vpc=vpc-0a1b2c3d4e5f60001",
            "--subnets=subnet-0a1b2c3d4e5f60001,subnet-0a1b2c3d4e5f60002",
        ]
    ),
    "private-dns": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--dns=private",
            "--dns-zone=inside.example",
            "--vpc=vpc-0a1b2c3d4e5f60001",
            "--subnets=subnet-0a1b2c3d4e5f60001",
        ]
    ),
    "oidc": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--discovery-store=s3://judge-state/discovery",
        ],
        [
            ("cluster", "spec.serviceAccountIssuerDiscovery.enableAWSOIDCProvider", "true"),
            ("cluster", "spec.iam.useServiceAccountExternalPermissions", "true"),
        ],
    ),
    "kubelet": Made(
        ["--zones=us-east-1a", "--networking=cilium"],
        [
            ("cluster", "spec.kubelet.maxPods", "80"),
            ("cluster", "spec.kubelet.evictionHard", "memory.available<5%"),
            (_NODES, "spec.kubelet.maxPods", "40"),
            (_PLANE, "spec.rootVolumeSize", "100"),
        ],
    ),
    "access": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--admin-access=10.0.0.0/8",
            "--ssh-access=pl-0123456789abcdef0",
        ]
    ),
    "spot": Made(
        ["--zones=us-east-1a,us-east-1b", "--networking=cilium"],
        [
            (_NODES, "spec.maxPrice", "0.05"),
            (_NODES, "spec.minSize", "0"),
            (_NODES, "spec.maxSize", "10"),
        ],
    ),
    "addons": Made(
        ["--zones=us-east-1a", "--networking=cilium"],
        [
            ("cluster", "spec.certManager.enabled", "true"),
            ("cluster", "spec.metricsServer.enabled", "true"),
            ("cluster", "spec.clusterAutoscaler.enabled", "true"),
            ("cluster", "spec.snapshotController.enabled", "true"),
        ],
    ),
    "node-local-dns": Made(
        ["--zones=us-east-1a", "--networking=calico"],
        [("cluster", "spec.kubeDNS.nodeLocalDNS.enabled", "true")],
    ),
    "termination": Made(
        ["--zones=us-east-1a", "--networking=cilium"],
        [
            ("cluster", "spec.nodeTerminationHandler.enableSQSTerminationDraining", "true"),
            ("cluster", "spec.nodeProblemDetector.enabled", "true"),
        ],
    ),
    "labelled": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--cloud-labels=team=judge,cost=42",
            "--encrypt-etcd-storage",
        ],
        [(_NODES, "spec.nodeLabels", "tier=web"), (_NODES, "spec.taints", "dedicated=web:NoSchedule")],
    ),
    "karpenter": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--instance-manager=karpenter",
            "--discovery-store=s3://judge-state/discovery",
        ],
        [
            (_NODES, "spec.mixedInstancesPolicy", "{instances: [t3.medium, m5.large]}"),
            (_NODES, "spec.taints", "[dedicated=batch:NoSchedule]"),
        ],
    ),
    "more-addons": Made(
        ["--zones=us-east-1a", "--networking=kube-router", "--dns-zone=judge.example"],
        [
            ("cluster", "spec.certManager", "{enabled: true, hostedZoneIDs: [Z0JUDGEPUBLIC]}"),
            ("cluster", "spec.awsLoadBalancerController.enabled", "true"),
            ("cluster", "spec.podIdentityWebhook.enabled", "true"),
            ("cluster", "spec.externalDns.provider", "external-dns"),
            ("cluster", "spec.kubeDNS.provider", "KubeDNS"),
            ("cluster", "spec.authentication.aws.backendMode", "CRD"),
            ("cluster", "spec.containerd.nvidiaGPU", "{enabled: true, dcgmExporter: {enabled: true}}"),
            ("cluster", "spec.serviceAccountIssuerDiscovery.discoveryStore", "s3://judge-state/discovery"),
            ("cluster", "spec.serviceAccountIssuerDiscovery.enableAWSOIDCProvider", "true"),
            ("cluster", "spec.iam.useServiceAccountExternalPermissions", "true"),
            (
                "cluster",
                "spec.iam.serviceAccountExternalPermissions",
                "[{name: reader, namespace: shop,"
                " aws: {policyARNs: ['arn:aws:iam::aws:policy/ReadOnlyAccess']}},"
                " {name: writer, namespace: shop, aws: {inlinePolicy:"
                ' \'[{"Effect": "Allow", "Action": ["s3:Put*"], "Resource": ["*"]}]\'}}]',
            ),
        ],
    ),
    "groups": Made(
        ["--zones=us-east-1a", "--networking=amazonvpc"],
        [
            ("cluster", "spec.warmPool", "{minSize: 1, enableLifecycleHook: true}"),
            ("cluster", "spec.sysctlParameters", "[vm.max_map_count = 262144]"),
            (
                _NODES,
                "spec.mixedInstancesPolicy",
                "{instances: [t3.medium, t3.large], onDemandBase: 1, onDemandAboveBase: 20,"
                " spotAllocationStrategy: price-capacity-optimized}",
            ),
            (_NODES, "spec.sysctlParameters", "[net.core.somaxconn = 1024]"),
            (_NODES, "spec.suspendProcesses", "[AZRebalance]"),
            (_NODES, "spec.instanceProtection", "true"),
            (_NODES, "spec.capacityRebalance", "true"),
            (_NODES, "spec.maxInstanceLifetime", "720h0m0s"),
            (_NODES, "spec.detailedInstanceMonitoring", "true"),
            (_NODES, "spec.additionalSecurityGroups", "[sg-0a1b2c3d4e5f60001]"),
            (
                _NODES,
                "spec.additionalUserData",
                "[{name: hello.sh, type: text/x-shellscript, content: 'echo 1'}]",
            ),
            (_NODES, "spec.instanceMetadata", "{httpTokens: optional, httpPutResponseHopLimit: 3}"),
            (
                _NODES,
                "spec.volumes",
                "[{device: /dev/sdd, size: 40, type: io1, iops: 400, deleteOnTermination: true}]",
            ),
            (_NODES, "spec.volumeMounts", "[{device: /dev/sdd, filesystem: ext4, path: /var/data}]"),
            (_NODES, "spec.rootVolumeType", "gp3"),
            (_NODES, "spec.rootVolumeIops", "4000"),
            (_NODES, "spec.rootVolumeThroughput", "200"),
            (_NODES, "spec.rootVolumeEncryptionKey", "arn:aws:kms:us-east-1:210987654321:key/judge"),
            (
                _NODES,
                "spec.externalLoadBalancers",
                "[{targetGroupARN:"
                " 'arn:aws:elasticloadbalancing:us-east-1:210987654321:targetgroup/shop/0a1b2c'}]",
            ),
            (_NODES, "spec.iam.profile", "arn:aws:iam::210987654321:instance-profile/shop"),
            (_NODES, "spec.cpuCredits", "unlimited"),
            (_PLANE, "spec.associatePublicIp", "false"),
            (_PLANE, "spec.instanceInterruptionBehavior", "stop"),
        ],
    ),
    "settings": Made(
        ["--zones=us-east-1a", "--networking=calico"],
        [
            (
                "cluster",
                "spec.additionalPolicies",
                '{node: \'[{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]\'}',
            ),
            ("cluster", "spec.externalPolicies", "{master: ['arn:aws:iam::aws:policy/ReadOnlyAccess']}"),
            ("cluster", "spec.additionalNetworkCIDRs", "[10.70.0.0/16]"),
            ("cluster", "spec.nodePortAccess", "[10.0.0.0/8]"),
            (
                "cluster",
                "spec.kubeAPIServer",
                "{serviceNodePortRange: 31000-31999, auditLogPath: /var/log/audit.log}",
            ),
            (
                "cluster",
                "spec.assets",
                "{containerProxy: proxy.judge.example, fileRepository: 'https://files.judge.example/kops'}",
            ),
            (
                "cluster",
                "spec.hooks",
                "[{name: before.service, before: [kubelet.service], manifest: 'Type=oneshot', roles: [Node]},"
                " {name: off.service, enabled: false, manifest: 'Type=simple'}]",
            ),
            ("cluster", "spec.fileAssets", "[{name: motd, path: /etc/motd, content: hello, roles: [Node]}]"),
            (
                "cluster",
                "spec.egressProxy",
                "{httpProxy: {host: proxy.judge.example, port: 3128}, excludes: internal.example}",
            ),
            ("cluster", "spec.iam.permissionsBoundary", "'arn:aws:iam::210987654321:policy/boundary'"),
            ("cluster", "spec.sshKeyName", "judge-key"),
            (
                "cluster",
                "spec.networking.calico",
                "{mtu: 1400, wireguardEnabled: true, encapsulationMode: vxlan}",
            ),
            ("cluster", "spec.kubeProxy", "{enabled: true, proxyMode: ipvs}"),
            (
                "cluster",
                "spec.etcdClusters[0].manager",
                "{env: [{name: ETCD_QUOTA_BACKEND_BYTES, value: '8589934592'}], logLevel: 6}",
            ),
            ("cluster", "spec.etcdClusters[0].etcdMembers[0].volumeType", "io1"),
            ("cluster", "spec.etcdClusters[0].etcdMembers[0].volumeIops", "500"),
            ("cluster", "spec.etcdClusters[0].etcdMembers[0].volumeSize", "30"),
            ("cluster", "spec.ntp.managed", "false"),
            ("cluster", "spec.rollingUpdate", "{maxSurge: 2}"),
        ],
    ),
    "egress": Made(
        [_THREE, "--networking=cilium-eni", "--topology=private", "--bastion"],
        [
            ("cluster", "spec.api.loadBalancer.additionalSecurityGroups", "[sg-0a1b2c3d4e5f60001]"),
            ("cluster", "spec.api.loadBalancer.crossZoneLoadBalancing", "true"),
            ("cluster", "spec.api.loadBalancer.idleTimeoutSeconds", "900"),
            ("cluster", "spec.api.loadBalancer.accessLog", "{bucket: judge-logs, interval: 5}"),
            ("cluster", "spec.subnets[0].egress", "nat-0a1b2c3d4e5f60001"),
            ("cluster", "spec.subnets[1].egress", "tgw-0a1b2c3d4e5f60001"),
            ("cluster", "spec.subnets[2].egress", "eipalloc-0a1b2c3d4e5f60001"),
            (
                "cluster",
                "spec.subnets[0].additionalRoutes",
                "[{cidr: 10.80.0.0/16, target: pcx-0a1b2c3d4e5f60001}]",
            ),
        ],
    ),
    "bare": Made(
        ["--zones=us-east-1a", "--networking=calico", "--dns-zone=judge.example"],
        removed=[
            *(
                ("cluster", f"spec.{field}")
                for field in (
                    *("api", "authorization", "channel", "dnsZone", "kubeProxy", "kubelet", "networkCIDR"),
                    *("nonMasqueradeCIDR", "sshAccess", "topology"),
                )
            ),
            *(
                (_NODES, f"spec.{field}")
                for field in ("image", "machineType", "maxSize", "minSize", "subnets")
            ),
            *((_PLANE, f"spec.{field}") for field in ("image", "machineType", "maxSize", "minSize")),
        ],
    ),
    "private-ipv6": Made(
        ["--zones=us-east-1a", "--networking=cilium", "--topology=private", "--ipv6"],
        [
            ("cluster", "spec.certManager.enabled", "true"),
            ("cluster", "spec.networking.cilium.ipam", "kubernetes"),
            ("cluster", "spec.networking.cilium.ingress", "{enabled: true, loadBalancerMode: shared}"),
            ("cluster", "spec.networking.cilium.gatewayAPI.enabled", "true"),
            ("cluster", "spec.networking.cilium.hubble", "{enabled: true, metrics: [drop]}"),
        ],
    ),
}
