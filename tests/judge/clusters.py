"""The judge's clusters: a specification each, made by ``create cluster`` and some edits, and kept as YAML.

The specifications lie in ``tests/data/clusters/<name>/cluster.yaml`` and are the input of the judge; this
list says how they were made, and makes another (``python -m tests.judge NAME --make``).
"""

from __future__ import annotations

from tests.judge.made import GROUP, PLANE, THREE_ZONES, Made
from tests.judge.options import OPTIONS

CLUSTERS: dict[str, Made] = {
    "small": Made(["--zones=us-east-1a", "--networking=cilium", "--kubernetes-version=1.35.0"]),
    "oldest": Made(["--zones=us-east-1a", "--networking=calico", "--kubernetes-version=1.32.4"]),
    "newest": Made(["--zones=us-east-1a", "--networking=cilium", "--kubernetes-version=1.37.0"]),
    "ha": Made([THREE_ZONES, "--networking=cilium", "--control-plane-count=3", "--node-count=6"]),
    "private": Made(
        [
            THREE_ZONES,
            "--networking=cilium",
            "--topology=private",
            "--bastion",
            "--api-loadbalancer-type=internal",
        ]
    ),
    "vpc-cni": Made([THREE_ZONES, "--networking=amazonvpc", "--dns-zone=judge.example"]),
    "kindnet": Made(["--zones=us-east-1b", "--networking=kindnet", "--dns=none"]),
    "flannel": Made(["--zones=us-east-1a", "--networking=flannel", "--dns-zone=judge.example"]),
    "ipv6": Made([THREE_ZONES, "--networking=cilium", "--ipv6"]),
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
            (GROUP, "spec.kubelet.maxPods", "40"),
            (PLANE, "spec.rootVolumeSize", "100"),
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
            (GROUP, "spec.maxPrice", "0.05"),
            (GROUP, "spec.minSize", "0"),
            (GROUP, "spec.maxSize", "10"),
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
        [(GROUP, "spec.nodeLabels", "tier=web"), (GROUP, "spec.taints", "dedicated=web:NoSchedule")],
    ),
    "karpenter": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--instance-manager=karpenter",
            "--discovery-store=s3://judge-state/discovery",
        ],
        [
            (GROUP, "spec.mixedInstancesPolicy", "{instances: [t3.medium, m5.large]}"),
            (GROUP, "spec.taints", "[dedicated=batch:NoSchedule]"),
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
                GROUP,
                "spec.mixedInstancesPolicy",
                "{instances: [t3.medium, t3.large], onDemandBase: 1, onDemandAboveBase: 20,"
                " spotAllocationStrategy: price-capacity-optimized}",
            ),
            (GROUP, "spec.sysctlParameters", "[net.core.somaxconn = 1024]"),
            (GROUP, "spec.suspendProcesses", "[AZRebalance]"),
            (GROUP, "spec.instanceProtection", "true"),
            (GROUP, "spec.capacityRebalance", "true"),
            (GROUP, "spec.maxInstanceLifetime", "720h0m0s"),
            (GROUP, "spec.detailedInstanceMonitoring", "true"),
            (GROUP, "spec.additionalSecurityGroups", "[sg-0a1b2c3d4e5f60001]"),
            (
                GROUP,
                "spec.additionalUserData",
                "[{name: hello.sh, type: text/x-shellscript, content: 'echo 1'}]",
            ),
            (GROUP, "spec.instanceMetadata", "{httpTokens: optional, httpPutResponseHopLimit: 3}"),
            (
                GROUP,
                "spec.volumes",
                "[{device: /dev/sdd, size: 40, type: io1, iops: 400, deleteOnTermination: true}]",
            ),
            (GROUP, "spec.volumeMounts", "[{device: /dev/sdd, filesystem: ext4, path: /var/data}]"),
            (GROUP, "spec.rootVolumeType", "gp3"),
            (GROUP, "spec.rootVolumeIops", "4000"),
            (GROUP, "spec.rootVolumeThroughput", "200"),
            (GROUP, "spec.rootVolumeEncryptionKey", "arn:aws:kms:us-east-1:210987654321:key/judge"),
            (
                GROUP,
                "spec.externalLoadBalancers",
                "[{targetGroupARN:"
                " 'arn:aws:elasticloadbalancing:us-east-1:210987654321:targetgroup/shop/0a1b2c'}]",
            ),
            (GROUP, "spec.iam.profile", "arn:aws:iam::210987654321:instance-profile/shop"),
            (GROUP, "spec.cpuCredits", "unlimited"),
            (PLANE, "spec.associatePublicIp", "false"),
            (PLANE, "spec.instanceInterruptionBehavior", "stop"),
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
                " {name: off.service, disabled: true, manifest: 'Type=simple'}]",
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
        [THREE_ZONES, "--networking=cilium-eni", "--topology=private", "--bastion"],
        [
            ("cluster", "spec.api.loadBalancer.additionalSecurityGroups", "[sg-0a1b2c3d4e5f60001]"),
            ("cluster", "spec.api.loadBalancer.crossZoneLoadBalancing", "true"),
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
                (GROUP, f"spec.{field}")
                for field in ("image", "machineType", "maxSize", "minSize", "subnets")
            ),
            *((PLANE, f"spec.{field}") for field in ("image", "machineType", "maxSize", "minSize")),
        ],
    ),
    "private-ipv6": Made(
        ["--zones=us-east-1a", "--networking=cilium", "--topology=private", "--ipv6"],
        [
            ("cluster", "spec.certManager.enabled", "true"),
            ("cluster", "spec.networking.cilium.ipam", "kubernetes"),
            ("cluster", "spec.networking.cilium.ingress", "{enabled: true, defaultLoadBalancerMode: shared}"),
            ("cluster", "spec.networking.cilium.gatewayAPI.enabled", "true"),
            ("cluster", "spec.networking.cilium.hubble", "{enabled: true, metrics: [drop]}"),
        ],
    ),
    **OPTIONS,
}
