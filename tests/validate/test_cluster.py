"""What is refused of a Cluster: each row changes a sound one, and names every error that kOps has for it.

The expectations are facts of kOps' own validation (pkg/apis/kops/validation), with
v1alpha2's paths.
"""

from __future__ import annotations

import pytest

from kops_core.api.values import Tree, Value
from kops_core.validate.cluster import validate_cluster
from tests.validate.samples import cluster, expected, places

_MEMBER = "spec.etcdClusters[0].etcdMembers[0]"
IPV6: Tree = {"spec.nonMasqueradeCIDR": "::/0"}
PUBLIC: Tree = {"spec.subnets[0].type": "Public"}

ROWS: list[tuple[Tree, str]] = [
    ({}, ""),
    # metadata, version, cloud
    ({"metadata.name": None}, "metadata.name: Required value"),
    ({"metadata.name": "K8s.example.com"}, "metadata.name: Invalid value"),
    ({"metadata.name": "k8s"}, "metadata.name: Invalid value"),
    ({"metadata.name": "k8s", "spec.topology.dns.type": "None"}, ""),
    ({"metadata.name": "k8s.k8s.local"}, "spec.topology.dns.type: Forbidden"),
    ({"metadata.name": "k8s.k8s.local", "spec.topology": None}, "spec.topology.dns.type: Forbidden"),
    ({"metadata.name": "k8s.k8s.local", "spec.topology.dns.type": "None"}, ""),
    ({"metadata.namespace": "x"}, "metadata.namespace: Forbidden"),
    ({"metadata.labels": {"a b": "x"}}, "metadata.labels: Invalid value"),
    ({"spec.kubernetesVersion": None}, "spec.kubernetesVersion: Required value"),
    ({"spec.kubernetesVersion": "latest"}, "spec.kubernetesVersion: Invalid value"),
    ({"spec.cloudProvider": None}, "spec.cloudProvider: Required value"),
    ({"spec.cloudProvider": "moon"}, "spec.cloudProvider: Unsupported value"),
    ({"spec.gossipConfig": {}}, "spec.gossipConfig: Forbidden"),
    ({"spec.docker": {}}, "spec.docker: Forbidden"),
    ({"spec.containerRuntime": "docker"}, "spec.containerRuntime: Forbidden"),
    ({"spec.containerRuntime": "rkt"}, "spec.containerRuntime: Unsupported value"),
    ({"spec.nodeAuthorization": {}}, "spec.nodeAuthorization: Forbidden"),
    ({"spec.updatePolicy": "never"}, "spec.updatePolicy: Unsupported value"),
    ({"spec.updatePolicy": "external"}, ""),
    (
        {"spec.cloudConfig": {"awsEBSCSIDriver": {"enabled": False}}},
        "spec.cloudConfig.awsEBSCSIDriver.enabled: Forbidden",
    ),
    (
        {"spec.cloudConfig": {"nlbSecurityGroupMode": "Own"}},
        "spec.cloudConfig.nlbSecurityGroupMode: Unsupported value",
    ),
    # access
    ({"spec.sshAccess": ["1.2.3.4"]}, "spec.sshAccess[0]: Invalid value"),
    (
        {"spec.kubernetesApiAccess": ["10.0.0.0/8", "10.1.0.0/8"]},
        "spec.kubernetesApiAccess[1]: Invalid value",
    ),
    ({"spec.nodePortAccess": ["pl-123", "x"]}, "spec.nodePortAccess[1]: Invalid value"),
    # ranges
    ({"spec.networkCIDR": None}, "spec.networkCIDR: Required value"),
    ({"spec.networkCIDR": "ten"}, "spec.networkCIDR: Invalid value"),
    ({"spec.additionalNetworkCIDRs": ["10.1.0.1/16"]}, "spec.additionalNetworkCIDRs[0]: Invalid value"),
    ({"spec.nonMasqueradeCIDR": None}, "spec.nonMasqueradeCIDR: Required value"),
    ({"spec.nonMasqueradeCIDR": "10.0.0.0/8"}, "spec.nonMasqueradeCIDR: Forbidden"),
    ({"spec.nonMasqueradeCIDR": "10.0.0.0/8", "spec.networking": {"amazonvpc": {}}}, ""),
    ({"spec.nonMasqueradeCIDR": "2001:db8::/32"}, "spec.nonMasqueradeCIDR: Forbidden"),
    (IPV6, ""),
    ({"spec.podCIDR": "10.0.0.0/24"}, "spec.podCIDR: Forbidden; spec.subnets[0].cidr: Forbidden"),
    ({"spec.podCIDR": "100.64.0.0/10", "spec.serviceClusterIPRange": "100.64.0.0/13"}, ""),
    ({"spec.serviceClusterIPRange": "100.64.0.0"}, "spec.serviceClusterIPRange: Invalid value"),
    # subnets
    ({"spec.subnets": None}, "spec.subnets: Required value"),
    ({"spec.subnets[0].name": None}, "spec.subnets[0].name: Required value"),
    ({"spec.subnets[1].name": "a"}, "spec.subnets[1].name: Duplicate value"),
    ({"spec.subnets[1].id": "subnet-1"}, "spec.subnets[1].id: Forbidden"),
    ({"spec.subnets[0].cidr": "10.0.0.1/20"}, "spec.subnets[0].cidr: Invalid value"),
    ({"spec.subnets[0].cidr": "10.1.0.0/20"}, "spec.subnets[0].cidr: Forbidden"),
    ({"spec.subnets[0].cidr": "10.1.0.0/20", "spec.additionalNetworkCIDRs": ["10.1.0.0/16"]}, ""),
    ({"spec.subnets[0].type": "Secret"}, "spec.subnets[0].type: Unsupported value"),
    ({"spec.subnets[0].type": "DualStack"}, "spec.subnets[0].type: Forbidden"),
    ({**IPV6, "spec.subnets[0].type": "DualStack"}, ""),
    ({"spec.subnets[0].ipv6CIDR": "/64#a"}, ""),
    ({"spec.subnets[0].ipv6CIDR": "/200#1"}, "spec.subnets[0].ipv6CIDR: Invalid value"),
    ({"spec.subnets[0].ipv6CIDR": "/64"}, "spec.subnets[0].ipv6CIDR: Invalid value"),
    ({"spec.subnets[0].ipv6CIDR": "10.0.0.0/8"}, "spec.subnets[0].ipv6CIDR: Invalid value"),
    (
        {"spec.subnets[0].ipv6CIDR": "100.64.0.0/16", "spec.serviceClusterIPRange": "100.64.0.0/13"},
        "spec.subnets[0].ipv6CIDR: Invalid value; spec.subnets[0].ipv6CIDR: Forbidden",
    ),
    ({"spec.subnets[0].egress": "nat-1"}, ""),
    ({"spec.subnets[0].egress": "vpn-1"}, "spec.subnets[0].egress: Invalid value"),
    ({"spec.subnets[1].egress": "nat-1"}, "spec.subnets[1].egress: Forbidden"),
    ({"spec.subnets[1].egress": "External"}, ""),
    ({"spec.subnets[0].additionalRoutes": [{"cidr": "192.168.0.0/16", "target": "pcx-1"}]}, ""),
    (
        {"spec.subnets[1].additionalRoutes": [{"cidr": "192.168.0.0/16", "target": "pcx-1"}]},
        "spec.subnets[1].additionalRoutes: Forbidden",
    ),
    (
        {
            "spec.subnets[0].additionalRoutes": [
                {"cidr": "10.0.1.0/24", "target": "pcx-1"},
                {"cidr": "192.168.0.0/16", "target": "vpn-1"},
                {"cidr": "192.168.0.0/16", "target": "tgw-1"},
                {"cidr": "x", "target": "i-1"},
            ]
        },
        "spec.subnets[0].additionalRoutes[0].target: Forbidden;"
        "spec.subnets[0].additionalRoutes[1].target: Invalid value;"
        "spec.subnets[0].additionalRoutes[2].cidr: Duplicate value;"
        "spec.subnets[0].additionalRoutes[3].cidr: Invalid value",
    ),
    (
        {"spec.topology.dns.type": "Gossip"},
        "spec.topology.dns.type: Unsupported value; spec.topology.dns.type: Forbidden",
    ),
    # pod networks
    ({"spec.networking": {}}, ""),
    ({"spec.networking": {"classic": {}}}, "spec.networking: Invalid value"),
    ({"spec.networking": {"external": {}}}, "spec.networking.external: Forbidden"),
    ({"spec.networking": {"weave": {}}}, "spec.networking.weave: Forbidden"),
    ({"spec.networking": {"canal": {}}}, "spec.networking.canal: Forbidden"),
    ({**IPV6, "spec.networking": {"flannel": {"backend": "vxlan"}}}, "spec.networking.flannel: Forbidden"),
    ({**IPV6, "spec.networking": {"amazonvpc": {}}}, "spec.networking.amazonvpc: Forbidden"),
    ({"spec.networking": {"flannel": {}}}, ""),
    (
        {"spec.networking": {"flannel": {"backend": "nope"}}},
        "spec.networking.flannel.backend: Unsupported value",
    ),
    ({"spec.networking": {"kuberouter": {}}, "spec.kubeProxy": {}}, "spec.kubeProxy.enabled: Forbidden"),
    ({"spec.networking": {"kuberouter": {}}, "spec.kubeProxy": {"enabled": False}}, ""),
    (
        {"spec.networking": {"kindnet": {"masquerade": {"enabled": True, "nonMasqueradeCIDRs": ["a.b/24"]}}}},
        "spec.networking.kindnet: Invalid value",
    ),
    (
        {"spec.networking": {"calico": {}, "cilium": {}}},
        "spec.networking.calico: Forbidden; spec.networking.cilium: Forbidden",
    ),
    ({"spec.networking.cilium": {"version": "1.18.0"}}, "spec.networking.cilium.version: Invalid value"),
    ({"spec.networking.cilium": {"version": "v1.17.0"}}, "spec.networking.cilium.version: Invalid value"),
    (
        {"spec.networking.cilium": {"version": "v1.18.0", "hubble": {"enabled": True}}},
        "spec.networking.cilium.hubble.enabled: Forbidden",
    ),
    (
        {"spec.networking.cilium": {"enableNodePort": True}, "spec.kubeProxy": {}},
        "spec.kubeProxy.enabled: Forbidden",
    ),
    ({"spec.networking.cilium": {"ipam": "foo"}}, "spec.networking.cilium.ipam: Unsupported value"),
    ({**IPV6, "spec.networking.cilium": {"ipam": "eni"}}, "spec.networking.cilium.ipam: Forbidden"),
    (
        {"spec.networking.cilium": {"identityAllocationMode": "kvstore"}},
        "spec.networking.cilium.identityAllocationMode: Forbidden",
    ),
    ({"spec.networking.cilium": {"etcdManaged": True}}, "spec.etcdClusters: Required value"),
    (
        {"spec.networking.cilium": {"bpfLBSockHostNSOnly": True}},
        "spec.networking.cilium.bpfLBSockHostNSOnly: Forbidden",
    ),
    (
        {"spec.networking.cilium": {"encryptionType": "ipsec"}},
        "spec.networking.cilium.encryptionType: Forbidden",
    ),
    (
        {"spec.networking.cilium": {"enableEncryption": True, "encryptionType": "rot13"}},
        "spec.networking.cilium.encryptionType: Unsupported value",
    ),
    (
        {"spec.networking.cilium": {"enableL7Proxy": True, "IPTablesRulesNoinstall": True}},
        "spec.networking.cilium.enableL7Proxy: Forbidden",
    ),
    (
        {"spec.networking.cilium": {"ingress": {"enabled": True, "defaultLoadBalancerMode": "both"}}},
        "spec.networking.cilium.ingress.defaultLoadBalancerMode: Unsupported value",
    ),
    (
        {"spec.networking": {"calico": {"awsSrcDstCheck": "off"}}},
        "spec.networking.calico.awsSrcDstCheck: Unsupported value",
    ),
    (
        {**IPV6, "spec.networking": {"calico": {"awsSrcDstCheck": "Enable", "encapsulationMode": "vxlan"}}},
        "spec.networking.calico.awsSrcDstCheck: Forbidden;"
        "spec.networking.calico.encapsulationMode: Forbidden",
    ),
    (
        {"spec.networking": {"calico": {"encapsulationMode": "none"}}},
        "spec.networking.calico.encapsulationMode: Forbidden",
    ),
    (
        {"spec.networking": {"calico": {"encapsulationMode": "vxlan", "ipipMode": "Always"}}},
        "spec.networking.calico.ipipMode: Forbidden",
    ),
    (
        {"spec.networking": {"calico": {"typhaReplicas": -1}}},
        "spec.networking.calico.typhaReplicas: Invalid value",
    ),
    (
        {"spec.networking": {"calico": {"bpfEnabled": True}}, "spec.kubeProxy": {}},
        "spec.kubeProxy.enabled: Forbidden",
    ),
    ({"spec.networking": {"calico": {"ipv4AutoDetectionMethod": "interface=en.*,eth0"}}}, ""),
    # components
    ({"spec.kubeAPIServer": {"proxyClientCertFile": "x"}}, "spec.kubeAPIServer: Forbidden"),
    (
        {"spec.kubeAPIServer": {"serviceNodePortRange": "x"}},
        "spec.kubeAPIServer.serviceNodePortRange: Invalid value",
    ),
    (
        {"spec.kubeAPIServer": {"authorizationMode": "RBAC,Node,Webhook"}},
        "spec.kubeAPIServer.authorizationWebhookConfigFile: Required value",
    ),
    (
        {"spec.kubeAPIServer": {"authorizationMode": "RBAC"}},
        "spec.kubeAPIServer.authorizationMode: Required value",
    ),
    (
        {"spec.kubeAPIServer": {"authorizationMode": "RBAC,Node,Bogus"}},
        "spec.kubeAPIServer.authorizationMode: Unsupported value",
    ),
    ({"spec.kubeAPIServer": {"logFormat": "xml"}}, "spec.kubeAPIServer.logFormat: Unsupported value"),
    (
        {"spec.kubeAPIServer": {"authenticationConfigFile": "/x", "oidcClientID": "y"}},
        "spec.kubeAPIServer.authenticationConfigFile: Forbidden",
    ),
    (
        {"spec.kubeAPIServer": {"enableBootstrapTokenAuth": True}},
        "spec.kubeAPIServer.enableBootstrapTokenAuth: Forbidden",
    ),
    ({"spec.kubeAPIServer": {"admissionControl": ["x"]}}, "spec.kubeAPIServer.admissionControl: Forbidden"),
    (
        {"spec.kubeAPIServer": {"enableAdmissionPlugins": ["PodSecurityPolicy"]}},
        "spec.kubeAPIServer.enableAdmissionPlugins: Forbidden",
    ),
    (
        {"spec.kubeAPIServer": {"auditWebhookConfigFile": "/a/b"}},
        "spec.kubeAPIServer.auditWebhookConfigFile: Invalid value",
    ),
    (
        {"spec.kubeAPIServer": {"auditPolicyFile": "/a/p", "auditWebhookConfigFile": "/b/w"}},
        "spec.kubeAPIServer.auditWebhookConfigFile: Invalid value",
    ),
    (
        {"spec.kubeAPIServer": {"serviceClusterIPRange": "100.64.0.0/13"}},
        "spec.kubeAPIServer.serviceClusterIPRange: Forbidden",
    ),
    ({"spec.kubeAPIServer": {"cloudProvider": "gce"}}, ""),
    (
        {"spec.kubeAPIServer": {"cloudProvider": "gce"}, "spec.kubernetesVersion": "1.32.0"},
        "spec.kubeAPIServer.cloudProvider: Forbidden",
    ),
    ({"spec.kubelet": {"cloudProvider": "gce"}}, "spec.kubelet.cloudProvider: Forbidden"),
    (
        {"spec.kubeControllerManager": {"experimentalClusterSigningDuration": "1h0m0s"}},
        "spec.kubeControllerManager.experimentalClusterSigningDuration: Forbidden",
    ),
    (
        {"spec.kubeControllerManager": {"clusterCIDR": "10.0.0.0/8"}},
        "spec.kubeControllerManager.clusterCIDR: Forbidden",
    ),
    (
        {"spec.kubeControllerManager": {"clusterCIDR": "x"}},
        "spec.kubeControllerManager.clusterCIDR: Invalid value",
    ),
    (
        {"spec.kubeScheduler": {"usePolicyConfigMap": False}},
        "spec.kubeScheduler.usePolicyConfigMap: Forbidden",
    ),
    ({"spec.kubeProxy": {"ipvsExcludeCidrs": ["x"]}}, "spec.kubeProxy.ipvsExcludeCidrs[0]: Invalid value"),
    ({"spec.kubeProxy": {"master": "10.0.0.1"}}, "spec.kubeProxy.master: Invalid value"),
    ({"spec.kubelet": {"configureCbr0": False}}, "spec.kubelet.configureCbr0: Forbidden"),
    (
        {"spec.masterKubelet": {"podInfraContainerImage": "x"}},
        "spec.masterKubelet.podInfraContainerImage: Forbidden",
    ),
    (
        {"spec.kubelet": {"topologyManagerPolicy": "x"}},
        "spec.kubelet.topologyManagerPolicy: Unsupported value",
    ),
    ({"spec.kubelet": {"memorySwapBehavior": "x"}}, "spec.kubelet.memorySwapBehavior: Unsupported value"),
    (
        {"spec.kubelet": {"shutdownGracePeriodCriticalPods": "10s"}},
        "spec.kubelet.shutdownGracePeriodCriticalPods: Forbidden",
    ),
    (
        {"spec.kubelet": {"shutdownGracePeriod": "5s", "shutdownGracePeriodCriticalPods": "10s"}},
        "spec.kubelet.shutdownGracePeriodCriticalPods: Invalid value",
    ),
    (
        {"spec.kubelet": {"crashLoopBackOffMaxContainerRestartPeriod": "301s"}},
        "spec.kubelet.crashLoopBackOffMaxContainerRestartPeriod: Invalid value",
    ),
    ({"spec.kubeDNS": {"serverIP": "x"}}, "spec.kubeDNS.serverIP: Invalid value"),
    (
        {"spec.kubeDNS": {"serverIP": "1.1.1.1"}, "spec.serviceClusterIPRange": "100.64.0.0/13"},
        "spec.kubeDNS.serverIP: Forbidden",
    ),
    ({"spec.kubeDNS": {"upstreamNameservers": ["x"]}}, "spec.kubeDNS.upstreamNameservers[0]: Invalid value"),
    (
        {"spec.kubeDNS": {"stubDomains": {"corp": ["x"], "a.b": []}}},
        'spec.kubeDNS.stubDomains.corp[0]: Invalid value; spec.kubeDNS.stubDomains["a.b"]: Invalid value',
    ),
    # add-ons
    ({"spec.clusterAutoscaler": {"expander": "price"}}, "spec.clusterAutoscaler.expander: Forbidden"),
    ({"spec.clusterAutoscaler": {"expander": "luck"}}, "spec.clusterAutoscaler.expander: Unsupported value"),
    (
        {"spec.kubeAPIServer": {"oidcRequiredClaim": ["team=a", "admin"]}},
        "spec.kubeAPIServer.oidcRequiredClaim[1]: Invalid value",
    ),
    ({"spec.externalDns": {"provider": "bind"}}, "spec.externalDns.provider: Unsupported value"),
    ({"spec.externalDns": {"watchNamespace": "default"}}, "spec.externalDns.watchNamespace: Forbidden"),
    (
        {"spec.externalDns": {"provider": "external-dns"}, "spec.topology.dns.type": "None"},
        "spec.externalDns.provider: Forbidden",
    ),
    ({"spec.metricsServer": {"enabled": True}}, "spec.metricsServer.insecure: Forbidden"),
    ({"spec.metricsServer": {"enabled": True}, "spec.certManager": {"enabled": True}}, ""),
    ({"spec.snapshotController": {"enabled": True}}, "spec.snapshotController.enabled: Forbidden"),
    ({"spec.awsLoadBalancerController": {"enabled": True}}, "spec.awsLoadBalancerController: Forbidden"),
    ({"spec.podIdentityWebhook": {"enabled": True}}, "spec.podIdentityWebhook: Forbidden"),
    ({"spec.certManager": {"enabled": True, "hostedZoneIDs": ["Z1"]}}, "spec.certManager: Forbidden"),
    ({"spec.karpenter": {"enabled": True}}, "spec.karpenter.enabled: Forbidden"),
    (
        {
            "spec.karpenter": {"enabled": True},
            "spec.iam": {"useServiceAccountExternalPermissions": True},
            "spec.nodeTerminationHandler": {},
        },
        "spec.nodeTerminationHandler: Forbidden",
    ),
    (
        {
            "spec.nodeTerminationHandler": {
                "enabled": True,
                "enableSpotInterruptionDraining": False,
                "enableRebalanceMonitoring": True,
            }
        },
        "spec.nodeTerminationHandler.enableSpotInterruptionDraining: Forbidden;"
        "spec.nodeTerminationHandler.enableRebalanceMonitoring: Forbidden",
    ),
    ({"spec.warmPool": {"minSize": -1}}, "spec.warmPool.minSize: Invalid value"),
    ({"spec.warmPool": {"minSize": 3, "maxSize": 2}}, "spec.warmPool.maxSize: Invalid value"),
    (
        {"spec.warmPool": {"maxSize": 2, "additionalImages": ["x"]}},
        "spec.warmPool.additionalImages: Forbidden",
    ),
    ({"spec.addons": [{"manifest": "file:///x.yaml"}]}, "spec.addons[0].manifest: Invalid value"),
    # IAM
    ({"spec.iam": {"legacy": True}}, "spec.iam.legacy: Forbidden"),
    ({"spec.additionalPolicies": {"notarole": "[]"}}, "spec.additionalPolicies: Unsupported value"),
    ({"spec.additionalPolicies": {"master": "bad"}}, "spec.additionalPolicies.master: Invalid value"),
    (
        {"spec.additionalPolicies": {"node": '[{"Action": "*"}]'}},
        "spec.additionalPolicies.node[0].Effect: Required value",
    ),
    (
        {"spec.additionalPolicies": {"node": '[{"Effect": "allow"}]'}},
        "spec.additionalPolicies.node[0].Effect: Unsupported value",
    ),
    (
        {"spec.externalPolicies": {"node": ["arn:aws:iam::1:role/x"]}},
        "spec.externalPolicies.node: Invalid value",
    ),
    ({"spec.externalPolicies": {"node": ["arn:aws:iam::1:policy/x"]}}, ""),
    (
        {
            "spec.iam.serviceAccountExternalPermissions": [
                {"name": "x", "namespace": "y", "aws": {"inlinePolicy": "[]", "policyARNs": ["z"]}},
                {"name": "x", "namespace": "y", "aws": {}},
                {"name": "", "namespace": ""},
            ]
        },
        "spec.iam.serviceAccountExternalPermissions[0].aws: Forbidden;"
        "spec.iam.serviceAccountExternalPermissions[1]: Duplicate value;"
        "spec.iam.serviceAccountExternalPermissions[1].aws: Required value;"
        "spec.iam.serviceAccountExternalPermissions[2].name: Required value;"
        "spec.iam.serviceAccountExternalPermissions[2].namespace: Required value;"
        "spec.iam.serviceAccountExternalPermissions[2].aws: Required value",
    ),
    (
        {"spec.authentication": {"aws": {"identityMappings": [{"arn": "arn:aws:iam::1:group/x"}]}}},
        "spec.authentication.aws.backendMode: Forbidden;"
        "spec.authentication.aws.identityMappings[0].arn: Invalid value",
    ),
    (
        {"spec.serviceAccountIssuerDiscovery": {"discoveryStore": "s3://a.b/c"}},
        "spec.serviceAccountIssuerDiscovery.discoveryStore: Invalid value",
    ),
    (
        {"spec.serviceAccountIssuerDiscovery": {"discoveryStore": "ftp://x"}},
        "spec.serviceAccountIssuerDiscovery.discoveryStore: Invalid value",
    ),
    (
        {"spec.serviceAccountIssuerDiscovery": {"enableAWSOIDCProvider": True}},
        "spec.serviceAccountIssuerDiscovery.enableAWSOIDCProvider: Forbidden",
    ),
    # etcd
    ({"spec.etcdClusters": None}, "spec.etcdClusters: Required value"),
    ({"spec.etcdClusters[1].name": "other"}, "spec.etcdClusters[1].name: Unsupported value"),
    ({"spec.etcdClusters[1].name": "main"}, "spec.etcdClusters[0].backupStore: Forbidden"),
    ({"spec.etcdClusters[0].etcdMembers": []}, "spec.etcdClusters[0].etcdMembers: Required value"),
    (
        {"spec.etcdClusters[0].etcdMembers[1]": {"name": "b", "instanceGroup": "x"}},
        "spec.etcdClusters[0].etcdMembers: Invalid value",
    ),
    (
        {"spec.etcdClusters[0].etcdMembers[0].name": None},
        "spec.etcdClusters[0].etcdMembers[0].name: Required value",
    ),
    ({"spec.etcdClusters[0].image": "x"}, "spec.etcdClusters[0].version: Required value"),
    ({"spec.etcdClusters[0].version": "3.5.21"}, ""),
    ({"spec.etcdClusters[1].version": "3.5.21"}, "spec.etcdClusters[1].version: Forbidden"),
    ({"spec.etcdClusters[0].version": "2.2.1"}, "spec.etcdClusters[0].version: Invalid value"),
    ({"spec.etcdClusters[0].version": "new"}, "spec.etcdClusters[0].version: Invalid value"),
    ({"spec.etcdClusters[0].heartbeatInterval": "200ms"}, ""),
    ({"spec.keyStore": "azureblob://x/y"}, "spec.keyStore: Invalid value"),
    (
        {"spec.etcdClusters[0].backups": {"backupStore": "azureblob://x"}},
        "spec.etcdClusters[0].backups.backupStore: Invalid value",
    ),
    # containerd
    ({"spec.containerd": {"version": "2.0.5"}}, "spec.containerd.version: Invalid value"),
    ({"spec.containerd": {"version": "2.1.0"}}, ""),
    ({"spec.containerd": {"nri": {"enabled": True}}}, "spec.containerd.version: Required value"),
    (
        {"spec.containerd": {"version": "2.1.0", "nri": {"enabled": True, "pluginRequestTimeout": "-1s"}}},
        "spec.containerd.nri.pluginRequestTimeout: Invalid value",
    ),
    (
        {"spec.containerd": {"packages": {"urlAmd64": "https://x"}}},
        "spec.containerd.packages.urlAmd64: Invalid value",
    ),
    ({"spec.containerd": {"gvisor": {}}}, "spec.containerd.gvisor: Forbidden"),
    # files, hooks, sysctls, rolling update
    (
        {"spec.fileAssets": [{"path": "/x"}]},
        "spec.fileAssets[0].name: Required value; spec.fileAssets[0].content: Required value",
    ),
    ({"spec.hooks": [{"name": "x"}]}, "spec.hooks[0]: Required value"),
    ({"spec.hooks": [{"name": "x", "disabled": True}]}, ""),
    ({"spec.hooks": [{"execContainer": {}}]}, "spec.hooks[0].execContainer.image: Required value"),
    (
        {"spec.hooks": [{"manifest": "x", "useRawManifest": True, "before": ["y"]}]},
        "spec.hooks[0]: Forbidden",
    ),
    ({"spec.sysctlParameters": ["x=1", "y"]}, "spec.sysctlParameters[1]: Invalid value"),
    ({"spec.rollingUpdate": {"maxUnavailable": "nope"}}, "spec.rollingUpdate.maxUnavailable: Invalid value"),
    ({"spec.rollingUpdate": {"maxUnavailable": -1}}, "spec.rollingUpdate.maxUnavailable: Invalid value"),
    ({"spec.rollingUpdate": {"maxUnavailable": "-1%"}}, "spec.rollingUpdate.maxUnavailable: Invalid value"),
    ({"spec.rollingUpdate": {"maxSurge": "-1%"}}, "spec.rollingUpdate.maxSurge: Invalid value"),
    ({"spec.rollingUpdate": {"maxSurge": "1%"}}, ""),
    ({"spec.rollingUpdate": {"maxUnavailable": 0, "maxSurge": 0}}, "spec.rollingUpdate.maxSurge: Forbidden"),
    (
        {"spec.assets": {"containerProxy": "x", "containerRegistry": "y"}},
        "spec.assets.containerProxy: Forbidden",
    ),
    ({"spec.assets": {"fileRepository": "ftp://x/"}}, "spec.assets.fileRepository: Invalid value"),
    ({"spec.assets": {"fileRepository": "https:///x"}}, "spec.assets.fileRepository: Invalid value"),
    ({"spec.assets": {"fileRepository": "https://x:y/z"}}, "spec.assets.fileRepository: Invalid value"),
    ({"spec.assets": {"fileRepository": "https://mirror.example.com:8443/kops?x=%20"}}, ""),
    ({"spec.assets": {"fileRepository": "s3://bucket/x"}}, ""),
    (
        {"spec.assets": {"fileRepository": "s3://bucket/x"}, "spec.subnets[0].zone": "cn-north-1a"},
        "spec.assets.fileRepository: Forbidden",
    ),
    # the API's load balancer
    ({"spec.api.loadBalancer.class": "Classic"}, "spec.api.loadBalancer.class: Forbidden"),
    ({"spec.api.loadBalancer.class": "Foo"}, "spec.api.loadBalancer.class: Unsupported value"),
    ({"spec.api.loadBalancer.class": None}, ""),
    (
        {"spec.api.loadBalancer.class": None, "spec.topology.dns.type": "None"},
        "spec.api.loadBalancer.type: Forbidden",
    ),
    ({"spec.api.loadBalancer.type": "Internal"}, ""),
    ({**PUBLIC, "spec.api.loadBalancer.type": "Internal"}, "spec.api.loadBalancer.type: Forbidden"),
    (
        {"spec.api.loadBalancer.type": "Internal", "spec.api.loadBalancer.useForInternalApi": True},
        "spec.api.loadBalancer.useForInternalApi: Forbidden",
    ),
    (
        {"spec.api.loadBalancer.securityGroupOverride": "x"},
        "spec.api.loadBalancer.securityGroupOverride: Invalid value",
    ),
    (
        {"spec.api.loadBalancer.additionalSecurityGroups": ["sg-1", "sg-1", ""]},
        "spec.api.loadBalancer.additionalSecurityGroups[1]: Duplicate value;"
        "spec.api.loadBalancer.additionalSecurityGroups[2]: Invalid value",
    ),
    ({"spec.api.loadBalancer.sslPolicy": "x"}, "spec.api.loadBalancer.sslPolicy: Forbidden"),
    ({"spec.api.loadBalancer.subnets": [{"name": "z"}]}, "spec.api.loadBalancer.subnets[0].name: Not found"),
    (
        {"spec.api.loadBalancer.subnets": [{"name": "a", "privateIPv4Address": "10.9.0.1"}]},
        "spec.api.loadBalancer.subnets[0].privateIPv4Address: Invalid value;"
        "spec.api.loadBalancer.subnets[0].privateIPv4Address: Forbidden",
    ),
    (
        {
            "spec.api.loadBalancer.type": "Internal",
            "spec.api.loadBalancer.subnets": [{"name": "a", "allocationId": "eipalloc-1"}],
        },
        "spec.api.loadBalancer.subnets[0].allocationId: Forbidden",
    ),
]


@pytest.mark.parametrize(
    "method", ["bogus", "interface=", "interface=(,en1", "interface=a=b", "=en0", "can-reach=2001:db8::1"]
)
def test_how_calico_can_not_find_addresses(method: str) -> None:
    changed = cluster({"spec.networking": {"calico": {"ipv4AutoDetectionMethod": method}}})
    wanted = expected("spec.networking.calico.ipv4AutoDetectionMethod: Invalid value")
    assert places(validate_cluster(changed)) == wanted


@pytest.mark.parametrize(("changes", "errors"), ROWS, ids=str)
def test_what_is_refused(changes: Tree, errors: str) -> None:
    found = validate_cluster(cluster(changes))
    assert places(found) == expected(errors)
    assert all(error.message for error in found)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("count", range(1, 10))
def test_etcd_has_an_odd_number_of_members_however_many(count: int, which: int) -> None:
    """An even number loses its quorum with half of its members, as one member less does."""
    members: list[Value] = [{"name": f"m{each}", "instanceGroup": f"plane-{each}"} for each in range(count)]
    at = f"spec.etcdClusters[{which}].etcdMembers"
    found = places(validate_cluster(cluster({at: members})))
    assert found == (set() if count % 2 else {(at, "Invalid value")})


def test_all_errors_are_told_at_once() -> None:
    changes: Tree = {}
    wanted: set[tuple[str, str]] = set()
    for row, errors in ROWS:
        alone = all(
            path.split(".")[1][:6] in ("sshAcc", "sysctl", "hooks", "fileAs", "assets") for path in row
        )
        if errors and alone and not set(row) & set(changes):
            changes |= row
            wanted |= expected(errors)
    assert len(wanted) > 3
    assert places(validate_cluster(cluster(changes))) == wanted


@pytest.mark.parametrize(("kind", "iops"), [("io1", 1000), ("io2", 10000), ("gp3", 3000), ("gp2", 99999)])
def test_volumes_that_ebs_has(kind: str, iops: int) -> None:
    changed = cluster({f"{_MEMBER}.volumeType": kind, f"{_MEMBER}.volumeIops": iops})
    assert places(validate_cluster(changed, strict=True)) == places(validate_cluster(cluster(), strict=True))


def test_a_completed_spec_has_all_components_and_ranges() -> None:
    found = places(validate_cluster(cluster(), strict=True))
    assert ("spec.kubelet", "Required value") in found
    assert ("spec.podCIDR", "Required value") in found
    assert ("spec.serviceClusterIPRange", "Required value") in found


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"spec.etcdClusters[0].heartbeatInterval": "200ms"},
            "spec.etcdClusters[0].heartbeatInterval: Forbidden",
        ),
        ({"spec.etcdClusters[0].version": "3.4.3"}, "spec.etcdClusters[0].version: Invalid value"),
        (
            {"spec.kubeControllerManager": {"attachDetachReconcileSyncPeriod": "500ms"}},
            "spec.kubeControllerManager.attachDetachReconcileSyncPeriod: Invalid value",
        ),
        ({"spec.subnets[0].cidr": None}, "spec.subnets[0].cidr: Required value"),
        (
            {
                "spec.iam.serviceAccountExternalPermissions": [
                    {"name": "a*", "namespace": "*", "aws": {"inlinePolicy": "[]"}}
                ]
            },
            "spec.iam.serviceAccountExternalPermissions[0].name: Invalid value",
        ),
        *(
            (
                {f"{_MEMBER}.volumeType": kind, f"{_MEMBER}.volumeIops": iops},
                f"{_MEMBER}.volumeIops: Invalid value",
            )
            for kind, iops in (("io1", 1001), ("io2", 10001), ("gp3", 10001))
        ),
        ({f"{_MEMBER}.volumeThroughput": 800}, f"{_MEMBER}.volumeThroughput: Invalid value"),
        ({"spec.api.loadBalancer.class": None}, "spec.api.loadBalancer.class: Unsupported value"),
    ],
)
def test_what_is_refused_before_a_plan_only(changes: Tree, errors: str) -> None:
    changed = cluster(changes)
    before = places(validate_cluster(cluster(), strict=True))
    assert places(validate_cluster(changed)) == set()
    assert expected(errors) <= places(validate_cluster(changed, strict=True)) - before
