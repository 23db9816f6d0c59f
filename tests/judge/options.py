"""More of the judge's clusters: together they set every option that inference and the model read.

A cluster has as many options as fit beside each other; ``test_options`` names those that none sets.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.judge.made import GROUP, PLANE, THREE_ZONES, Made

_ONE = "--zones=us-east-1a"
_HOOK = "{name: warm.service, before: [kubelet.service], manifest: 'Type=oneshot'}"
_FILE = "{name: issue, path: /etc/issue, content: aGVsbG8=, isBase64: true}"
_HASH = "0123456789abcdef" * 4

OPTIONS: Mapping[str, Made] = {
    "options-cilium": Made(
        [_ONE, "--networking=cilium-etcd", "--dns-zone=judge.example"],
        [
            (
                "cluster",
                "spec.networking.cilium",
                """{etcdManaged: true, identityAllocationMode: kvstore, agentPodAnnotations: {team: agents},
                operatorPodAnnotations: {team: operators}, autoDirectNodeRoutes: true, tunnel: disabled,
                bpfLBSock: true, bpfLBSockHostNSOnly: true, clusterName: east, clusterID: 7, debug: true,
                disableEndpointCRD: true, enableEncryption: true, encryptionType: wireguard,
                nodeEncryption: true, enablePrometheusMetrics: true, agentPrometheusPort: 9095,
                metrics: [+cilium_bpf_map_pressure], enableServiceTopology: true, preallocateBPFMaps: true,
                registry: mirror.judge.example, extraConfig: {bpf-events-drop-enabled: "false"},
                cpuRequest: 50m, memoryRequest: 256Mi, cniExclusive: false, enableHostFirewall: true,
                enableLocalRedirectPolicy: true, enableL7Proxy: false, enableEndpointHealthChecking: false,
                monitorAggregation: maximum, toFqdnsDnsRejectResponseCode: nameError,
                identityChangeGracePeriod: 10s, bpfLBAlgorithm: maglev, bpfLBMaglevTableSize: "65521",
                bpfLBMapMax: 65000, bpfCTGlobalTCPMax: 500000, bpfCTGlobalAnyMax: 250000,
                bpfNATGlobalMax: 500000, bpfNeighGlobalMax: 500000, bpfPolicyMapMax: 17000,
                enableUnreachableRoutes: true, enableBPFMasquerade: true}""",
            ),
        ],
    ),
    "options-cilium-gateway": Made(
        [_ONE, "--networking=cilium"],
        [
            ("cluster", "spec.certManager.enabled", "true"),
            ("cluster", "spec.kubeProxy.enabled", "false"),
            (
                "cluster",
                "spec.networking.cilium",
                """{chainingMode: aws-cni, enableNodePort: true, hubble: {enabled: true},
                ingress: {enabled: true, enforceHttps: false, enableSecretsSync: false,
                loadBalancerAnnotationPrefixes: "service.beta.kubernetes.io", defaultLoadBalancerMode: shared,
                sharedLoadBalancerServiceName: shop},
                gatewayAPI: {enabled: true, enableSecretsSync: false}}""",
            ),
        ],
    ),
    "options-calico": Made(
        [THREE_ZONES, "--networking=calico", "--api-loadbalancer-type=public"],
        [
            ("cluster", "spec.api.loadBalancer.useForInternalApi", "true"),
            (
                "cluster",
                "spec.networking.calico",
                """{allowIPForwarding: true, awsSrcDstCheck: Disable, bpfEnabled: true,
                bpfExternalServiceMode: DSR, bpfKubeProxyIptablesCleanupEnabled: true, bpfLogLevel: Info,
                chainInsertMode: append, cpuRequest: 150m, ipipMode: CrossSubnet, encapsulationMode: ipip,
                iptablesBackend: NFT, ipv4AutoDetectionMethod: "interface=ens.*",
                ipv6AutoDetectionMethod: "interface=ens.*", logSeverityScreen: warning,
                prometheusMetricsEnabled: true, prometheusMetricsPort: 9191,
                prometheusGoMetricsEnabled: true, prometheusProcessMetricsEnabled: true,
                registry: mirror.judge.example, version: v3.30.1, typhaReplicas: 3,
                typhaPrometheusMetricsEnabled: true, typhaPrometheusMetricsPort: 9193}""",
            ),
            ("cluster", "spec.kubeProxy.enabled", "false"),
            ("cluster", "spec.kubeDNS", "{provider: CoreDNS, externalCoreFile: '.:53 { whoami }'}"),
        ],
    ),
    "options-calico-vxlan": Made(
        [_ONE, "--networking=calico"],
        [
            (
                "cluster",
                "spec.networking.calico",
                "{vxlanMode: CrossSubnet, encapsulationMode: vxlan, nftablesMode: Enabled}",
            ),
            ("cluster", "spec.kubeProxy", "{proxyMode: nftables}"),
            (
                "cluster",
                "spec.kubeDNS",
                """{provider: CoreDNS, cacheMaxSize: 2000, cacheMaxConcurrent: 300, domain: judge.internal,
                coreDNSImage: mirror.judge.example/coredns:v1, cpaImage: mirror.judge.example/cpa:v1,
                cpuRequest: 120m, memoryRequest: 90Mi, memoryLimit: 200Mi, podAnnotations: {team: dns},
                stubDomains: {corp.example: [10.1.0.2]}, upstreamNameservers: [10.1.0.3],
                tolerations: [{key: dns, operator: Exists}],
                affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms:
                [{matchExpressions: [{key: tier, operator: In, values: [system]}]}]}}},
                nodeLocalDNS: {enabled: true, additionalConfig: "corp.example { whoami }", cpuRequest: 30m,
                forwardToKubeDNS: true, image: mirror.judge.example/node-cache:v1, localIP: 169.254.20.20,
                memoryRequest: 9Mi, podAnnotations: {team: dns}}}""",
            ),
            ("cluster", "spec.clusterDNSDomain", "judge.internal"),
        ],
    ),
    "options-kindnet": Made(
        [_ONE, "--networking=kindnet"],
        [
            (
                "cluster",
                "spec.networking.kindnet",
                """{adminNetworkPolicies: true, baselineAdminNetworkPolicies: true, dnsCaching: true,
                nat64: true, networkPolicies: true, fastPathThreshold: 5, logLevel: 4, version: v1.0.2,
                masquerade: {enabled: false, nonMasqueradeCIDRs: [10.0.0.0/8]}}""",
            ),
            (
                "cluster",
                "spec.kubeDNS",
                "{provider: CoreDNS, nodeLocalDNS: {enabled: true, externalCoreFile: '.:53 { whoami }'}}",
            ),
            ("cluster", "spec.DisableSubnetTags", "true"),
        ],
    ),
    "options-flannel": Made(
        [_ONE, "--networking=flannel"],
        [
            (
                "cluster",
                "spec.networking.flannel",
                "{backend: udp, iptablesResyncSeconds: 90, disableTxChecksumOffloading: true}",
            ),
            ("cluster", "spec.isolateMasters", "true"),
            ("cluster", "spec.useHostCertificates", "true"),
            ("cluster", "spec.updatePolicy", "external"),
            ("cluster", "spec.authorization", "{alwaysAllow: {}}"),
        ],
    ),
    "options-vpc-cni": Made(
        [_ONE, "--networking=amazonvpc"],
        [
            (
                "cluster",
                "spec.networking.amazonvpc",
                """{imageName: mirror.judge.example/cni:v1, initImageName: mirror.judge.example/init:v1,
                networkPolicyAgentImage: mirror.judge.example/agent:v1,
                env: [{name: WARM_IP_TARGET, value: "10"}, {name: WARM_ENI_TARGET, value: "2"}]}""",
            ),
            (
                "cluster",
                "spec.containerd",
                f"""{{installCriCtl: true, installNerdCtl: true, selinuxEnabled: true,
                useECRCredentialsForMirrors: true, registryMirrors: {{docker.io: ["https://mirror.judge.example"]}},
                version: 2.1.4, runc: {{version: 1.3.0, packages: {{
                urlAmd64: "https://files.judge.example/runc", hashAmd64: {_HASH}}}}},
                packages: {{
                urlAmd64: "https://files.judge.example/containerd.tar.gz", hashAmd64: {_HASH}}}}}""",
            ),
            (
                "cluster",
                "spec.authentication",
                """{aws: {backendMode: "MountedFile,CRD", clusterID: east,
                image: mirror.judge.example/authenticator:v1,
                cpuLimit: 200m, cpuRequest: 20m, memoryLimit: 40Mi, memoryRequest: 30Mi,
                identityMappings: [{arn: "arn:aws:iam::210987654321:role/admins", username: admin,
                groups: ["system:masters"]}]}}""",
            ),
        ],
    ),
    "options-kube-router": Made(
        [_ONE, "--networking=kube-router", "--dns-zone=judge.example"],
        [
            ("cluster", "spec.networking.kuberouter", "{useNFTablesForNetpol: true}"),
            (
                "cluster",
                "spec.externalDns",
                "{provider: external-dns, watchIngress: false, watchNamespace: kube-system,"
                " priorityClassName: system-cluster-critical}",
            ),
            ("cluster", "spec.topology.dns.type", "Public"),
        ],
    ),
    "options-addons": Made(
        [
            _ONE,
            "--networking=cilium",
            "--dns-zone=judge.example",
            "--discovery-store=s3://judge-state/discovery",
        ],
        [
            (
                "cluster",
                "spec.awsLoadBalancerController",
                """{enabled: true, cpuLimit: 300m, cpuRequest: 60m, memoryLimit: 300Mi, memoryRequest: 150Mi,
                enableShield: true, enableWAF: true, enableWAFv2: true, version: v2.13.0}""",
            ),
            (
                "cluster",
                "spec.certManager",
                """{enabled: true, defaultIssuer: letsencrypt, nameservers: ["10.0.0.53:53"],
                hostedZoneIDs: [Z0JUDGEPUBLIC], featureGates: {ServerSideApply: true},
                image: "mirror.judge.example/cert-manager-controller:v1"}""",
            ),
            (
                "cluster",
                "spec.cloudConfig.awsEBSCSIDriver",
                """{enabled: true, hostNetwork: true, kubeAPIBurst: 30, kubeAPIQPS: "20",
                podAnnotations: {team: storage}, volumeAttachLimit: 20, version: v1.50.0}""",
            ),
            (
                "cluster",
                "spec.clusterAutoscaler",
                """{enabled: true, expander: priority, customPriorityExpanderConfig: {"10": [".*spot.*"]},
                cordonNodeBeforeTerminating: true, cpuRequest: 120m, memoryRequest: 400Mi,
                podAnnotations: {team: scaling}, balanceSimilarNodeGroups: true,
                awsUseStaticInstanceList: true,
                emitPerNodegroupMetrics: true, ignoreDaemonSetsUtilization: true,
                maxNodeProvisionTime: 20m0s,
                newPodScaleUpDelay: 5s, scaleDownDelayAfterAdd: 11m0s, scaleDownUnneededTime: 12m0s,
                scaleDownUnreadyTime: 21m0s, scaleDownUtilizationThreshold: "0.6",
                skipNodesWithCustomControllerPods: false, skipNodesWithLocalStorage: false,
                skipNodesWithSystemPods: false, image: mirror.judge.example/cluster-autoscaler:v1}""",
            ),
            (
                "cluster",
                "spec.metricsServer",
                "{enabled: true, insecure: false, image: mirror.judge.example/metrics-server:v1}",
            ),
            ("cluster", "spec.podIdentityWebhook", "{enabled: true, replicas: 3}"),
            ("cluster", "spec.snapshotController", "{enabled: true, installDefaultClass: true}"),
            (
                "cluster",
                "spec.nodeProblemDetector",
                """{enabled: true, cpuLimit: 30m, cpuRequest: 25m, memoryLimit: 120Mi, memoryRequest: 90Mi,
                image: mirror.judge.example/node-problem-detector:v1}""",
            ),
            ("cluster", "spec.iam.useServiceAccountExternalPermissions", "true"),
            (
                "cluster",
                "spec.serviceAccountIssuerDiscovery",
                "{discoveryStore: 's3://judge-state/discovery', enableAWSOIDCProvider: true,"
                " additionalAudiences: [judge.example]}",
            ),
            ("cluster", "spec.cloudConfig.nlbSecurityGroupMode", "Managed"),
        ],
    ),
    "options-managed-elsewhere": Made(
        [_ONE, "--networking=cilium", "--dns-zone=judge.example"],
        [
            ("cluster", "spec.certManager", "{enabled: true, managed: false}"),
            ("cluster", "spec.cloudConfig.awsEBSCSIDriver", "{enabled: true, managed: false}"),
            ("cluster", "spec.externalDns", "{disable: true}"),
            (
                "cluster",
                "spec.nodeTerminationHandler",
                """{enabled: true, enableSQSTerminationDraining: false, memoryLimit: 80Mi,
                memoryRequest: 70Mi, cpuRequest: 60m, webhookURL: "https://hooks.judge.example/gone",
                webhookTemplate: "{}",
                deleteSQSMsgIfNodeNotFound: true, enableOutOfServiceTaint: true,
                enableRebalanceDraining: true, enableRebalanceMonitoring: true,
                excludeFromLoadBalancers: false, managedASGTag: judge/managed,
                podTerminationGracePeriod: 90, prometheusEnable: true, taintNode: true, version: v1.24.0}""",
            ),
            ("cluster", "spec.cloudConfig.manageStorageClasses", "false"),
        ],
    ),
    "options-karpenter": Made(
        [
            _ONE,
            "--networking=cilium",
            "--instance-manager=karpenter",
            "--discovery-store=s3://judge-state/discovery",
        ],
        [
            (
                "cluster",
                "spec.karpenter",
                """{enabled: true, cpuRequest: 300m, featureGates: "SpotToSpotConsolidation=true",
                memoryLimit: 2Gi, memoryRequest: 2Gi, logLevel: info, logEncoding: json,
                image: mirror.judge.example/karpenter:v1}""",
            ),
        ],
    ),
    "options-components": Made(
        [_ONE, "--networking=calico", "--dns-zone=judge.example"],
        [
            (
                "cluster",
                "spec.cloudControllerManager",
                """{allowUntaggedCloud: true, cidrAllocatorType: CloudAllocator, cloudProvider: aws,
                concurrentNodeSyncs: 4, controllers: ["*", -route], cpuRequest: 210m, logLevel: 3,
                enableLeaderMigration: true, master: "https://api.judge.example",
                nodeStatusUpdateFrequency: 6m0s, useServiceAccountCredentials: false,
                configureCloudRoutes: false, image: mirror.judge.example/ccm:v1,
                leaderElection: {leaderElect: true, leaderElectLeaseDuration: 20s,
                leaderElectRenewDeadlineDuration: 15s, leaderElectResourceLock: leases,
                leaderElectResourceName: ccm, leaderElectResourceNamespace: kube-system,
                leaderElectRetryPeriod: 3s}}""",
            ),
            (
                "cluster",
                "spec.kubeScheduler",
                "{qps: '20', burst: 30, leaderElection: {leaderElect: true}}",
            ),
            (
                "cluster",
                "spec.kubeAPIServer",
                """{appendAdmissionPlugins: [AlwaysPullImages], oidcIssuerURL: "https://id.judge.example",
                oidcClientID: judge, oidcRequiredClaim: [group=admins]}""",
            ),
            ("cluster", "spec.kubelet", "{shutdownGracePeriod: 40s, nodeLabels: {tier: all}}"),
            ("cluster", "spec.masterKubelet", "{shutdownGracePeriod: 50s, nodeLabels: {tier: plane}}"),
            ("cluster", "spec.additionalSans", "[api.corp.example]"),
            ("cluster", "spec.packages", "[nfs-common]"),
            ("cluster", "spec.assets", "{containerRegistry: mirror.judge.example/all}"),
            ("cluster", "spec.cloudConfig.disableSecurityGroupIngress", "true"),
            ("cluster", "spec.cloudConfig.elbSecurityGroup", "sg-0a1b2c3d4e5f60001"),
            ("cluster", "spec.cloudConfig.useIPBasedNodeNames", "true"),
            (
                "cluster",
                "spec.target",
                "{terraform: {providerExtraConfig: {alias: main}, filesProviderExtraConfig: {alias: files}}}",
            ),
        ],
    ),
    "options-balancers": Made(
        [
            THREE_ZONES,
            "--networking=cilium",
            "--topology=private",
            "--bastion",
            "--dns-zone=judge.example",
            "--api-loadbalancer-type=internal",
        ],
        [
            (
                "cluster",
                "spec.api.loadBalancer.sslCertificate",
                "arn:aws:acm:us-east-1:210987654321:certificate/judge",
            ),
            ("cluster", "spec.api.loadBalancer.sslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
            ("cluster", "spec.api.loadBalancer.securityGroupOverride", "sg-0a1b2c3d4e5f60001"),
            (
                "cluster",
                "spec.api.loadBalancer.subnets",
                "[{name: us-east-1a, privateIPv4Address: 172.20.64.10}, {name: us-east-1b}]",
            ),
            (
                "cluster",
                "spec.api.loadBalancer.accessLog",
                "{bucket: judge-logs, bucketPrefix: api, interval: 60}",
            ),
            (
                "cluster",
                "spec.topology.bastion",
                "{bastionPublicName: jump.judge.example,"
                " loadBalancer: {additionalSecurityGroups: [sg-0a1b2c3d4e5f60001], type: Public}}",
            ),
            ("cluster", "spec.subnets[0].publicIP", "203.0.113.10"),
        ],
    ),
    "options-groups": Made(
        [_ONE, "--networking=cilium"],
        [
            (GROUP, "spec.machineType", "g4dn.xlarge"),
            (GROUP, "spec.autoscale", "false"),
            (GROUP, "spec.cloudLabels", "{team: web}"),
            (GROUP, "spec.compressUserData", "true"),
            (
                GROUP,
                "spec.containerd",
                "{version: 2.1.4, nvidiaGPU: {enabled: true}, gvisor: {enabled: true, platform: kvm}}",
            ),
            (GROUP, "spec.fileAssets", f"[{_FILE}]"),
            (GROUP, "spec.hooks", f"[{_HOOK}]"),
            (GROUP, "spec.packages", "[htop]"),
            (GROUP, "spec.rootVolumeOptimization", "true"),
            (GROUP, "spec.rootVolumeType", "io2"),
            (GROUP, "spec.securityGroupOverride", "sg-0a1b2c3d4e5f60001"),
            (GROUP, "spec.tenancy", "dedicated"),
            (GROUP, "spec.updatePolicy", "external"),
            (
                GROUP,
                "spec.warmPool",
                "{minSize: 1, maxSize: 3, additionalImages: [pause], enableLifecycleHook: true}",
            ),
            (GROUP, "spec.zones", "[us-east-1a]"),
            ("cluster", "spec.containerd.nvidiaGPU", "{enabled: true, image: mirror.judge.example/gpu:v1}"),
            (PLANE, "spec.containerd", "{selinuxEnabled: true}"),
            (PLANE, "spec.compressUserData", "true"),
        ],
    ),
    "options-spot": Made(
        [_ONE, "--networking=cilium"],
        [
            (GROUP, "spec.maxPrice", "0.05"),
            (GROUP, "spec.spotDurationInMinutes", "120"),
            (GROUP, "spec.instanceInterruptionBehavior", "hibernate"),
            ("cluster", "spec.networking.cilium.hubble", "{enabled: false}"),
        ],
    ),
    "options-kubenet": Made(
        [_ONE, "--networking=kubenet"],
        [
            ("cluster", "spec.kubeControllerManager", "{nodeCIDRMaskSize: 25}"),
            ("cluster", "spec.kubelet", "{volumePluginDirectory: /opt/volumes}"),
            ("cluster", "spec.masterKubelet", "{volumePluginDirectory: /opt/volumes}"),
            ("cluster", "spec.kubeAPIServer", "{authenticationTokenWebhookConfigFile: /etc/webhook.yaml}"),
            ("cluster", "spec.containerd", "{skipInstall: true}"),
        ],
    ),
    "options-cni": Made(
        [_ONE, "--networking=cni"],
        [
            ("cluster", "spec.networking.cni", "{usesSecondaryIP: true}"),
            (
                "cluster",
                "spec.serviceAccountIssuerDiscovery",
                "{discoveryService: {url: 'https://discovery.judge.example'}}",
            ),
        ],
    ),
}
