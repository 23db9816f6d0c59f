"""IAM permissions of components: tables of actions, as in kOps 1.37's policies."""

from __future__ import annotations

from kops_core.cloud.aws.builders.policy import Policy, one_or_many, statement
from kops_core.model.template import Ref, Template


def _actions(service: str, actions: str) -> set[str]:
    return {f"{service}:{action}" for action in actions.split()}


def etcd_manager(p: Policy) -> None:
    """Finds and attaches its volumes."""
    p.anywhere |= _actions("ec2", "DescribeInstances DescribeVolumes")
    p.statements.append(
        statement(
            "ec2:AttachVolume",
            ["*"],
            condition={
                "StringEquals": {
                    "aws:ResourceTag/KubernetesCluster": p.cluster,
                    "aws:ResourceTag/k8s.io/role/master": "1",
                }
            },
        )
    )


def kops_controller(p: Policy, *, ipam: bool) -> None:
    """Verifies nodes and, in IPv6 clusters, gives out pod networks."""
    p.anywhere |= _actions("ec2", "DescribeInstances")
    if ipam:
        p.anywhere |= _actions("ec2", "DescribeNetworkInterfaces")


def nodeup(p: Policy, *, lifecycle_hook: bool, instance_types: bool, ipam: bool) -> None:
    """Calls of a booting machine."""
    if lifecycle_hook:
        p.tagged |= _actions("autoscaling", "CompleteLifecycleAction")
        p.anywhere |= _actions("autoscaling", "DescribeLifecycleHooks")
    if instance_types:
        p.anywhere |= _actions("ec2", "DescribeInstanceTypes")
    if ipam:
        p.anywhere |= _actions("ec2", "AssignIpv6Addresses")


KMS_ACTIONS = _actions("kms", "Decrypt DescribeKey Encrypt GenerateDataKey* ReEncrypt*")


def kms(p: Policy, *, direct: bool) -> None:
    """Keys of volumes and buckets; ``direct`` where a plugin of the user's calls KMS itself."""
    p.kms_grants = True
    if direct:
        p.anywhere |= KMS_ACTIONS
    else:
        p.kms |= KMS_ACTIONS


def read_bucket(p: Policy, path: str) -> None:
    """Everything below a path ``bucket/key``."""
    p.statements.append(statement(["s3:Get*"], p.arn("s3", f"::{path}/*")))


def write_bucket(p: Policy, path: str) -> None:
    """Reads, writes and deletes below a path ``bucket/key``."""
    actions = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]
    p.statements.append(statement(actions, p.arn("s3", f"::{path}/*")))


def list_bucket(p: Policy, bucket: str) -> None:
    """Reads properties of a bucket."""
    actions = _actions("s3", "GetBucketLocation GetEncryptionConfiguration ListBucket ListBucketVersions")
    p.statements.append(statement(sorted(actions), [p.arn("s3", f"::{bucket}")]))


def dns_records(p: Policy, zone: Ref) -> None:
    """Changes records of one hosted zone."""
    actions = _actions("route53", "ChangeResourceRecordSets GetHostedZone ListResourceRecordSets")
    p.statements.append(statement(sorted(actions), [Template.of(p.arn("route53", "::hostedzone/"), zone)]))
    p.statements.append(statement(["route53:GetChange"], [p.arn("route53", "::change/*")]))
    p.statements.append(statement(["route53:ListHostedZones", "route53:ListTagsForResource"], ["*"]))


def cert_manager(p: Policy, zone_ids: list[str]) -> None:
    """Answers ACME challenges in some hosted zones."""
    zones = sorted(p.arn("route53", f"::hostedzone/{zone}") for zone in zone_ids)
    p.statements.append(statement("route53:ListResourceRecordSets", list(zones)))
    p.statements.append(
        statement(
            "route53:ChangeResourceRecordSets",
            list(zones),
            condition={
                "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]},
                "ForAllValues:StringLike": {
                    "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"]
                },
            },
        )
    )
    p.statements.append(statement(["route53:GetChange"], [p.arn("route53", "::change/*")]))
    p.statements.append(statement(["route53:ListHostedZonesByName"], ["*"]))


def ebs_csi(p: Policy, *, snapshots: bool) -> None:
    """Creates, attaches and deletes volumes."""
    kms(p, direct=False)
    if snapshots:
        p.anywhere |= _actions("ec2", "CreateSnapshot DescribeAvailabilityZones DescribeSnapshots")
        p.tagged |= _actions("ec2", "DeleteSnapshot EnableFastSnapshotRestores")
        p.allow_create(["CreateSnapshot"], ["volume", "snapshot"])
        p.statements.append(
            statement(
                "ec2:CreateVolume",
                [p.arn("ec2", "*:*:snapshot/*")],
                condition={"StringEquals": {"aws:ResourceTag/KubernetesCluster": p.cluster}},
            )
        )
    p.anywhere |= _actions(
        "ec2",
        "DescribeAvailabilityZones DescribeInstances DescribeInstanceTypes DescribeTags"
        " DescribeVolumes DescribeVolumesModifications DescribeVolumeStatus",
    )
    p.tagged |= _actions("ec2", "AttachVolume DeleteVolume DetachVolume ModifyVolume")
    p.allow_create(["CopyVolumes", "CreateVolume"], ["volume", "snapshot"])


def cloud_controller(p: Policy, *, routes: bool, security_groups: bool) -> None:
    """Load balancers and routes of the cloud controller manager."""
    p.anywhere |= _actions("autoscaling", "DescribeAutoScalingGroups DescribeTags")
    p.anywhere |= _actions(
        "ec2",
        "DescribeInstances DescribeRegions DescribeAvailabilityZones DescribeRouteTables"
        " DescribeSecurityGroups DescribeSubnets DescribeVpcs DescribeInstanceTopology",
    )
    p.anywhere |= _actions(
        "elasticloadbalancing",
        "DescribeLoadBalancers DescribeLoadBalancerAttributes DescribeListeners"
        " DescribeLoadBalancerPolicies DescribeTargetGroups DescribeTargetGroupAttributes"
        " DescribeTargetHealth",
    )
    p.anywhere |= {"iam:CreateServiceLinkedRole", "kms:DescribeKey"}
    p.tagged |= _actions(
        "ec2",
        "ModifyInstanceAttribute AuthorizeSecurityGroupIngress DeleteSecurityGroup"
        " RevokeSecurityGroupIngress",
    )
    p.tagged |= _actions(
        "elasticloadbalancing",
        "AttachLoadBalancerToSubnets ApplySecurityGroupsToLoadBalancer CreateLoadBalancerListeners"
        " CreateLoadBalancerPolicy ConfigureHealthCheck DeleteLoadBalancer"
        " DeleteLoadBalancerListeners DetachLoadBalancerFromSubnets"
        " DeregisterInstancesFromLoadBalancer ModifyLoadBalancerAttributes"
        " RegisterInstancesWithLoadBalancer SetLoadBalancerPoliciesForBackendServer AddTags"
        " DeleteListener DeleteTargetGroup ModifyListener ModifyTargetGroup"
        " ModifyTargetGroupAttributes RegisterTargets DeregisterTargets"
        " SetLoadBalancerPoliciesOfListener",
    )
    if security_groups:
        p.tagged |= _actions("elasticloadbalancing", "SetSecurityGroups")
    p.tagged_create |= _actions("elasticloadbalancing", "CreateLoadBalancer CreateListener CreateTargetGroup")
    p.allow_create(["CreateSecurityGroup"], ["security-group"])
    if routes:
        p.tagged |= _actions("ec2", "CreateRoute DeleteRoute")


def load_balancer_controller(p: Policy, *, waf: bool, wafv2: bool, shield: bool) -> None:
    """Load balancers of the AWS Load Balancer Controller."""
    p.anywhere |= {"cognito-idp:DescribeUserPoolClient"} | _actions(
        "acm", "DescribeCertificate ListCertificates"
    )
    p.anywhere |= _actions(
        "ec2",
        "DescribeAvailabilityZones DescribeInstances DescribeInternetGateways"
        " DescribeNetworkInterfaces DescribeSubnets DescribeSecurityGroups"
        " DescribeVpcPeeringConnections DescribeVpcs DescribeAccountAttributes"
        " GetSecurityGroupsForVpc",
    )
    p.anywhere |= _actions(
        "elasticloadbalancing",
        "DescribeCapacityReservation DescribeListeners DescribeListenerAttributes"
        " DescribeListenerCertificates DescribeLoadBalancers DescribeLoadBalancerAttributes"
        " DescribeRules DescribeTags DescribeTargetGroups DescribeTargetGroupAttributes"
        " DescribeTargetHealth DescribeTrustStores SetRulePriorities",
    )
    firewall = "AssociateWebACL DisassociateWebACL GetWebACL GetWebACLForResource"
    if waf:
        p.anywhere |= {"elasticloadbalancing:SetWebACL"} | _actions("waf-regional", firewall)
    if wafv2:
        p.anywhere |= {"elasticloadbalancing:SetWebACL"} | _actions("wafv2", firewall)
    if shield:
        p.anywhere |= _actions(
            "shield", "GetSubscriptionState DescribeProtection CreateProtection DeleteProtection"
        )
    p.tagged |= _actions(
        "ec2", "AuthorizeSecurityGroupIngress DeleteSecurityGroup RevokeSecurityGroupIngress"
    )
    p.tagged |= _actions(
        "elasticloadbalancing",
        "AddListenerCertificates AddTags DeleteListener DeleteLoadBalancer DeleteRule"
        " DeleteTargetGroup DeregisterTargets ModifyCapacityReservation ModifyListener"
        " ModifyListenerAttributes ModifyLoadBalancerAttributes ModifyRule ModifyTargetGroup"
        " ModifyTargetGroupAttributes RegisterTargets RemoveListenerCertificates RemoveTags"
        " SetIpAddressType SetSecurityGroups SetSubnets",
    )
    p.tagged_create |= _actions(
        "elasticloadbalancing", "CreateListener CreateLoadBalancer CreateRule CreateTargetGroup"
    )
    p.allow_create(["CreateSecurityGroup"], ["security-group"])


def cluster_autoscaler(p: Policy, *, static_instance_list: bool) -> None:
    """Sets sizes of auto-scaling groups."""
    p.tagged |= _actions("autoscaling", "SetDesiredCapacity TerminateInstanceInAutoScalingGroup")
    p.anywhere |= _actions(
        "autoscaling",
        "DescribeAutoScalingGroups DescribeAutoScalingInstances DescribeLaunchConfigurations"
        " DescribeScalingActivities",
    )
    p.anywhere |= _actions(
        "ec2", "DescribeImages DescribeLaunchTemplateVersions GetInstanceTypesFromInstanceRequirements"
    )
    if not static_instance_list:
        p.anywhere |= _actions("ec2", "DescribeInstanceTypes")


def termination_handler(p: Policy) -> None:
    """Reads the queue of interruptions."""
    p.anywhere |= _actions("autoscaling", "DescribeAutoScalingInstances DescribeTags")
    p.anywhere |= _actions("ec2", "DescribeInstances") | _actions("sqs", "DeleteMessage ReceiveMessage")
    p.tagged |= _actions("autoscaling", "CompleteLifecycleAction")


def container_registry(p: Policy) -> None:
    """Pulls images from ECR."""
    p.anywhere |= _actions(
        "ecr",
        "GetAuthorizationToken BatchCheckLayerAvailability GetDownloadUrlForLayer"
        " GetRepositoryPolicy DescribeRepositories ListImages BatchGetImage",
    )


def registry_pull_through(p: Policy) -> None:
    """Pulls images through an ECR cache."""
    p.anywhere |= _actions("ecr", "ReplicateImage BatchImportUpstreamImage CreateRepository TagResource")


def amazon_vpc_cni(p: Policy) -> None:
    """Network interfaces of the Amazon VPC CNI."""
    p.anywhere |= _actions(
        "ec2",
        "AssignPrivateIpAddresses AttachNetworkInterface CreateNetworkInterface"
        " DeleteNetworkInterface DescribeInstances DescribeTags DescribeNetworkInterfaces"
        " DescribeInstanceTypes DescribeSecurityGroups DescribeSubnets DetachNetworkInterface"
        " ModifyNetworkInterfaceAttribute UnassignPrivateIpAddresses",
    )
    p.statements.append(statement(["ec2:CreateTags"], [p.arn("ec2", "*:*:network-interface/*")]))


def cilium_eni(p: Policy) -> None:
    """Network interfaces of Cilium's ENI mode."""
    p.anywhere |= _actions(
        "ec2",
        "DescribeSubnets AttachNetworkInterface AssignPrivateIpAddresses UnassignPrivateIpAddresses"
        " CreateNetworkInterface DescribeNetworkInterfaces DescribeSecurityGroups"
        " DeleteNetworkInterface ModifyNetworkInterfaceAttribute DescribeVpcs CreateTags"
        " DescribeRouteTables DescribeTags DescribeInstances",
    )


def calico_source_check(p: Policy) -> None:
    """Calico turns off the source and destination check."""
    p.anywhere |= _actions("ec2", "DescribeInstances ModifyNetworkInterfaceAttribute")


def source_check(p: Policy) -> None:
    """kube-router and kindnet turn off the source and destination check."""
    p.tagged |= _actions("ec2", "ModifyInstanceAttribute")


def karpenter(p: Policy, *, own_profiles: bool, own_keys: bool, ec2_service: str, node_role: str) -> None:
    """Launches and ends instances itself."""
    if own_keys:
        kms(p, direct=False)
    p.anywhere |= _actions(
        "ec2",
        "DescribeCapacityReservations DescribeImages DescribeInstanceStatus"
        " DescribeInstanceTypeOfferings DescribeInstanceTypes DescribeInstances"
        " DescribeLaunchTemplates DescribePlacementGroups DescribeSecurityGroups"
        " DescribeSpotPriceHistory DescribeSubnets",
    )
    p.anywhere |= _actions("iam", "GetInstanceProfile ListInstanceProfiles")
    p.anywhere |= {"pricing:GetProducts", "ssm:GetParameter"}
    instances, templates = p.arn("ec2", "*:*:instance/*"), p.arn("ec2", "*:*:launch-template/*")
    launched = sorted(
        p.arn("ec2", f"*:*:{kind}/*")
        for kind in (
            "fleet",
            "instance",
            "launch-template",
            "network-interface",
            "spot-instances-request",
            "volume",
        )
    )
    used = sorted(
        [
            p.arn("ec2", "*:*:capacity-reservation/*"),
            p.arn("ec2", "*::image/*"),
            p.arn("ec2", "*::snapshot/*"),
            p.arn("ec2", "*:*:security-group/*"),
            p.arn("ec2", "*:*:subnet/*"),
        ]
    )
    pool = {"aws:ResourceTag/karpenter.sh/nodepool": "*"}
    owned = {"StringEquals": {"aws:ResourceTag/KubernetesCluster": p.cluster}, "StringLike": pool}
    new_pool = {"aws:RequestTag/karpenter.sh/nodepool": "*"}
    new = {"aws:RequestTag/KubernetesCluster": p.cluster}
    launch = ["ec2:CreateFleet", "ec2:RunInstances"]
    create = ["CreateFleet", "CreateLaunchTemplate", "RunInstances"]
    role = "role/*" if own_profiles else f"role/{node_role}"
    p.statements += [
        statement(launch, list(used)),
        statement(launch, [templates], condition=owned),
        statement(
            one_or_many(f"ec2:{action}" for action in create),
            list(launched),
            condition={"StringEquals": new, "StringLike": new_pool},
        ),
        statement(
            "ec2:CreateTags",
            list(launched),
            condition={"StringEquals": {**new, "ec2:CreateAction": create}, "StringLike": new_pool},
        ),
        statement(
            ["ec2:CreateTags", "ec2:DeleteTags"],
            list(launched),
            condition={"Null": {"aws:RequestTag/KubernetesCluster": "true"}, **owned},
        ),
        statement(
            ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
            sorted([instances, templates]),
            condition=owned,
        ),
        statement(
            "iam:PassRole",
            p.arn("iam", f":*:{role}"),
            condition={"StringEquals": {"iam:PassedToService": ec2_service}},
        ),
    ]
