"""What is refused of a Cluster: each row changes a sound one, and names every error that kOps has for it.

The expectations are facts of kOps' own validation (pkg/apis/kops/validation), with
v1alpha2's paths.
"""

from __future__ import annotations

import pytest

from kops_core.api.values import Tree, Value
from kops_core.validate.cluster import validate_cluster
from tests.validate.samples import cluster, expected, places

IPV6: Tree = {"spec.nonMasqueradeCIDR": "::/0"}
_OF_GCE: Tree = {
    "gceServiceAccount": "default",
    "gceUseStartupScript": True,
    "gcpPDCSIDriver": {"enabled": True},
    "multizone": True,
    "nodeTags": "nodes",
    "nodeInstancePrefix": "k8s",
}

_OTHER_CLOUDS: list[tuple[Tree, str]] = [
    ({"spec.cloudConfig": {name: value}}, f"spec.cloudConfig.{name}: Forbidden")
    for name, value in _OF_GCE.items()
]
_DISCOVERY_STORES: list[tuple[Tree, str]] = [
    ({"spec.serviceAccountIssuerDiscovery": {"discoveryStore": store, "enableAWSOIDCProvider": True}}, "")
    for store in ("s3://bucket/a.b", "gs://bucket", "memfs://bucket")
]
_KARPENTER: Tree = {
    "spec.karpenter": {"enabled": True},
    "spec.iam": {"useServiceAccountExternalPermissions": True},
}

ROWS: list[tuple[Tree, str]] = [
    ({}, ""),
    # metadata, version, cloud
    ({"metadata.name": None}, "metadata.name: Required value"),
    ({"metadata.name": "K8s.example.com"}, "metadata.name: Invalid value"),
    ({"metadata.name": "k8s"}, "metadata.name: Invalid value"),
    ({"metadata.name": "k8s", "spec.topology.dns.type": "None"}, ""),
    (
        {
            "metadata.name": "k8s",
            "metadata.annotations": {"kops.kubernetes.io/management": "imported"},
        },
        "",
    ),
    ({"metadata.name": "k8s.k8s.local"}, "spec.topology.dns.type: Forbidden"),
    ({"metadata.name": "k8s.k8s.local", "spec.topology": None}, "spec.topology.dns.type: Forbidden"),
    ({"metadata.name": "k8s.k8s.local", "spec.topology.dns.type": "None"}, ""),
    ({"metadata.namespace": "x"}, "metadata.namespace: Forbidden"),
    ({"metadata.labels": {"a b": "x"}}, "metadata.labels: Invalid value"),
    ({"metadata.labels": {"example.com/team": "a.b_c-1", "b": ""}}, ""),
    ({"metadata.labels": {"Example.com/team": "x"}}, "metadata.labels: Invalid value"),
    ({"metadata.labels": {"a..b/team": "x"}}, "metadata.labels: Invalid value"),
    ({"metadata.labels": {"team": "a b"}}, "metadata.labels: Invalid value"),
    ({"metadata.labels": {"a" * 63: "b" * 63}}, ""),
    ({"metadata.labels": {"a" * 64: "b"}}, "metadata.labels: Invalid value"),
    ({"metadata.labels": {"a": "b" * 64}}, "metadata.labels: Invalid value"),
    ({"metadata.annotations": {"Example.com/Team": "any text, of any length"}}, ""),
    ({"metadata.annotations": {"team name": "x"}}, "metadata.annotations: Invalid value"),
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
    ({"spec.cloudConfig": {"gceServiceAccount": ""}}, ""),
    ({"spec.cloudConfig": {"nodeTags": ""}}, "spec.cloudConfig.nodeTags: Forbidden"),
    *_OTHER_CLOUDS,
    ({"spec.cloudConfig": {"useIPBasedNodeNames": True}}, ""),
    (
        {**IPV6, "spec.cloudConfig": {"useIPBasedNodeNames": True}},
        "spec.cloudConfig.useIPBasedNodeNames: Forbidden",
    ),
    ({**IPV6, "spec.cloudConfig": {"useIPBasedNodeNames": False}}, ""),
    # access
    ({"spec.sshAccess": ["1.2.3.4"]}, "spec.sshAccess[0]: Invalid value"),
    (
        {"spec.kubernetesApiAccess": ["10.0.0.0/8", "10.1.0.0/8"]},
        "spec.kubernetesApiAccess[1]: Invalid value",
    ),
    ({"spec.nodePortAccess": ["pl-123", "x"]}, "spec.nodePortAccess[1]: Invalid value"),
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
    ({**_KARPENTER, "spec.nodeTerminationHandler": {}}, "spec.nodeTerminationHandler: Forbidden"),
    (
        {**_KARPENTER, "spec.nodeTerminationHandler": {"enabled": True}},
        "spec.nodeTerminationHandler: Forbidden",
    ),
    ({**_KARPENTER, "spec.nodeTerminationHandler": {"enabled": False}}, ""),
    (_KARPENTER, ""),
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
    ({"spec.warmPool": {"maxSize": -1}}, "spec.warmPool.maxSize: Invalid value"),
    ({"spec.warmPool": {"minSize": 2, "maxSize": 2}}, ""),
    ({"spec.warmPool": {"maxSize": 0}}, ""),
    ({"spec.addons": [{"manifest": "s3://bucket/x.yaml"}]}, ""),
    ({"spec.addons": [{"manifest": "file:///x.yaml"}]}, "spec.addons[0].manifest: Invalid value"),
    # IAM
    ({"spec.iam": {"legacy": True}}, "spec.iam.legacy: Forbidden"),
    ({"spec.additionalPolicies": {"notarole": "[]"}}, "spec.additionalPolicies: Unsupported value"),
    ({"spec.additionalPolicies": {"master": "bad"}}, "spec.additionalPolicies.master: Invalid value"),
    (
        {"spec.additionalPolicies": {"node": '[{"Action": "*"}]'}},
        "spec.additionalPolicies.node[0].Effect: Required value",
    ),
    ({"spec.additionalPolicies": {"node": '[{"Effect": "Deny"}]'}}, ""),
    (
        {"spec.additionalPolicies": {"node": '[{"Effect": "allow"}]'}},
        "spec.additionalPolicies.node[0].Effect: Unsupported value",
    ),
    ({"spec.additionalPolicies": {"node": "null"}}, ""),
    (
        {"spec.additionalPolicies": {"node": '{"Effect": "Allow"}'}},
        "spec.additionalPolicies.node: Invalid value",
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
        {
            "spec.authentication.aws": {
                "backendMode": "MountedFile,CRD",
                "identityMappings": [{"arn": f"arn:aws:iam::1:{each}/x"} for each in ("role", "user")],
            }
        },
        "",
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
    *_DISCOVERY_STORES,
    (
        {"spec.serviceAccountIssuerDiscovery": {"discoveryStore": "bucket"}},
        "spec.serviceAccountIssuerDiscovery.discoveryStore: Invalid value",
    ),
    (
        {
            "spec.serviceAccountIssuerDiscovery": {
                "discoveryService": {"url": "https://discovery.example.com"},
                "enableAWSOIDCProvider": True,
            }
        },
        "",
    ),
    (
        {"spec.serviceAccountIssuerDiscovery": {"discoveryService": {}}},
        "spec.serviceAccountIssuerDiscovery.discoveryService.url: Required value",
    ),
    (
        {
            "spec.serviceAccountIssuerDiscovery": {
                "discoveryStore": "s3://bucket",
                "discoveryService": {"url": "https://discovery.example.com"},
            }
        },
        "spec.serviceAccountIssuerDiscovery.discoveryStore: Forbidden",
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
    (
        {"spec.etcdClusters[0].etcdMembers": [{"name": name, "instanceGroup": name} for name in "aba"]},
        "spec.etcdClusters[0].etcdMembers[2].name: Duplicate value",
    ),
    (
        {"spec.etcdClusters[0].etcdMembers[0].instanceGroup": None},
        "spec.etcdClusters[0].etcdMembers[0].instanceGroup: Required value",
    ),
    ({"spec.etcdClusters[0].image": "x"}, "spec.etcdClusters[0].version: Required value"),
    ({"spec.etcdClusters[0].version": "3.5.21"}, ""),
    ({"spec.etcdClusters[0].version": "v3.5.21"}, ""),
    ({"spec.etcdClusters[0].version": "version3.5.21"}, "spec.etcdClusters[0].version: Invalid value"),
    ({"spec.etcdClusters[1].version": "3.5.21"}, "spec.etcdClusters[1].version: Forbidden"),
    ({"spec.etcdClusters[0].version": "2.2.1"}, "spec.etcdClusters[0].version: Invalid value"),
    ({"spec.etcdClusters[0].version": "new"}, "spec.etcdClusters[0].version: Invalid value"),
    ({"spec.etcdClusters[0].heartbeatInterval": "200ms"}, ""),
    ({"spec.keyStore": "azureblob://x/y"}, "spec.keyStore: Invalid value"),
    (
        {"spec.etcdClusters[0].backups": {"backupStore": "azureblob://x"}},
        "spec.etcdClusters[0].backups.backupStore: Invalid value",
    ),
    # files, hooks, sysctls, rolling update
    (
        {"spec.fileAssets": [{"path": "/x"}]},
        "spec.fileAssets[0].name: Required value; spec.fileAssets[0].content: Required value",
    ),
    ({"spec.fileAssets": [{"name": "x", "content": "y"}]}, ""),
    ({"spec.hooks": [{"name": "x"}]}, "spec.hooks[0]: Required value"),
    ({"spec.hooks": [{"name": "x", "disabled": True}]}, ""),
    ({"spec.hooks": [{"execContainer": {}}]}, "spec.hooks[0].execContainer.image: Required value"),
    ({"spec.hooks": [{"manifest": "x", "useRawManifest": True}]}, ""),
    (
        {"spec.hooks": [{"execContainer": {"image": "x"}, "useRawManifest": True}]},
        "spec.hooks[0]: Forbidden; spec.hooks[0]: Required value",
    ),
    (
        {"spec.hooks": [{"execContainer": {"image": "x"}, "manifest": "x", "useRawManifest": True}]},
        "spec.hooks[0]: Forbidden",
    ),
    (
        {"spec.hooks": [{"manifest": "x", "useRawManifest": True, "before": ["y"]}]},
        "spec.hooks[0]: Forbidden",
    ),
    ({"spec.sysctlParameters": ["x=1", "y"]}, "spec.sysctlParameters[1]: Invalid value"),
    ({"spec.rollingUpdate": {"maxUnavailable": "nope"}}, "spec.rollingUpdate.maxUnavailable: Invalid value"),
    ({"spec.rollingUpdate": {"maxUnavailable": -1}}, "spec.rollingUpdate.maxUnavailable: Invalid value"),
    ({"spec.rollingUpdate": {"maxUnavailable": "-1%"}}, "spec.rollingUpdate.maxUnavailable: Invalid value"),
    ({"spec.rollingUpdate": {"maxSurge": "-1%"}}, "spec.rollingUpdate.maxSurge: Invalid value"),
    ({"spec.rollingUpdate": {"maxSurge": "some"}}, "spec.rollingUpdate.maxSurge: Invalid value"),
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
]


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
