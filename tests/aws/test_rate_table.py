"""Which of AWS' documented buckets a call takes its token from."""

from __future__ import annotations

import pytest

from kops_core.cloud.aws.rates import Bucket, buckets_of


@pytest.mark.parametrize(
    ("call", "narrowed", "size", "refill"),
    [
        ("DescribeVpcs", False, 100, 20),
        ("GetConsoleOutput", False, 100, 20),
        ("SearchTransitGatewayRoutes", False, 100, 20),
        ("DescribeInstances", False, 50, 10),
        ("DescribeInstances", True, 100, 20),
        ("DescribeNetworkInterfaces", False, 50, 10),
        ("DescribeVolumes", True, 100, 20),
        ("CreateVpc", False, 50, 5),
        ("AuthorizeSecurityGroupIngress", False, 50, 5),
        ("CreateTags", False, 100, 10),
        ("RunInstances", False, 5, 2),
        ("CreateNatGateway", False, 10, 1),
        ("CreateVpcEndpoint", False, 4, 0.3),
    ],
)
def test_each_call_of_ec2_has_a_bucket_of_its_own(
    call: str, narrowed: bool, size: float, refill: float
) -> None:
    assert buckets_of("ec2", call, narrowed=narrowed) == (Bucket(f"ec2 {call}", size, refill),)


@pytest.mark.parametrize("service", ["elb", "elbv2"])
@pytest.mark.parametrize(
    ("call", "category", "size", "refill"),
    [
        ("DescribeLoadBalancers", "non-mutating", 40, 10),
        ("CreateLoadBalancer", "resource-intensive", 10, 0.2),
        ("SetSubnets", "resource-intensive", 10, 0.2),
        ("AttachLoadBalancerToSubnets", "resource-intensive", 10, 0.2),
        ("RegisterTargets", "registration", 20, 4),
        ("DeregisterTargets", "registration", 20, 4),
        ("RegisterInstancesWithLoadBalancer", "registration", 20, 4),
        ("ModifyListener", "mutating", 20, 3),
        ("AddTags", "mutating", 20, 3),
    ],
)
def test_a_call_of_a_load_balancer_counts_in_its_category_and_for_the_account(
    service: str, call: str, category: str, size: float, refill: float
) -> None:
    assert buckets_of(service, call) == (
        Bucket(f"{service} {category}", size, refill),
        Bucket(service, 40, 10),
    )


@pytest.mark.parametrize(
    ("service", "call", "buckets"),
    [
        ("route53", "ListHostedZones", (Bucket("route53", 5, 5),)),
        ("events", "PutRule", (Bucket("events", 50, 50),)),
        ("events", "PutEvents", ()),
        ("iam", "GetRole", ()),
        ("autoscaling", "DescribeAutoScalingGroups", ()),
        ("sqs", "ReceiveMessage", ()),
        ("sts", "GetCallerIdentity", ()),
    ],
)
def test_other_services_have_one_bucket_or_no_documented_rate(
    service: str, call: str, buckets: tuple[Bucket, ...]
) -> None:
    assert buckets_of(service, call) == buckets


@pytest.mark.parametrize(
    ("in_events", "client"),
    [
        ("elastic-load-balancing", "elb"),
        ("elastic-load-balancing-v2", "elbv2"),
        ("eventbridge", "events"),
        ("route-53", "route53"),
    ],
)
def test_a_service_goes_by_its_name_in_events_too(in_events: str, client: str) -> None:
    assert buckets_of(in_events, "DescribeRules") == buckets_of(client, "DescribeRules") != ()
