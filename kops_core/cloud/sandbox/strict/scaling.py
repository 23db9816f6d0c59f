"""Auto-scaling groups and warm pools: separate lists, slow deletions, pages of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, Request, StrictAccount, refusal

if TYPE_CHECKING:
    from moto.autoscaling.models import FakeAutoScalingGroup

GROUP_DELETING, POOL_DELETING, GROUP_SETTLES, ROLE_PROPAGATES = 90.0, 60.0, 5.0, 15.0
"""Seconds; AWS names none."""
_NAMES = 50
"""The limit of names and of returned groups in DescribeAutoScalingGroups, without MaxRecords."""


def _warm_machines(strict: StrictAccount) -> None:
    from moto.autoscaling.models import AutoScalingBackend
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.core.responses import ActionResult

    def make_put(original: Callable[..., Json]) -> Callable[..., Json]:
        def put_warm_pool(self: AutoScalingBackend, group_name: str, **request: Json) -> Json:
            answer = original(self, group_name, **request)
            group: Json = self.autoscaling_groups[group_name]
            least = max(int(group.warm_pool.min_size or 0), 0)
            warm = group.__dict__.setdefault("warm_instances", [])
            while len(warm) < least:
                group.replace_autoscaling_group_instances(1, group.get_propagated_tags())
                state = group.instance_states.pop()
                state.lifecycle_state = "Warmed:Stopped"
                state.instance.stop()
                warm.append(state)
            return answer

        return put_warm_pool

    def make_describe(original: Callable[..., Json]) -> Callable[..., Json]:
        def describe_warm_pool(self: Json) -> Json:
            answer = original(self)
            group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
            result: Json = answer.result
            return ActionResult({**result, "Instances": getattr(group, "warm_instances", [])})

        return describe_warm_pool

    strict.patch(AutoScalingBackend, "put_warm_pool", make_put)
    strict.patch(AutoScalingResponse, "describe_warm_pool", make_describe)


def _pools_settle(strict: StrictAccount) -> None:
    from moto.autoscaling.models import AutoScalingBackend

    young: set[str] = set()

    def make_create(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_auto_scaling_group(self: AutoScalingBackend, **request: Json) -> Json:
            answer = original(self, **request)
            young.add(request["name"])
            strict.later(GROUP_SETTLES, lambda: young.discard(request["name"]))
            return answer

        return create_auto_scaling_group

    def make_put(original: Callable[..., Json]) -> Callable[..., Json]:
        def put_warm_pool(self: AutoScalingBackend, group_name: str, **request: Json) -> Json:
            group: Json = self.autoscaling_groups.get(group_name)
            going = group is not None and getattr(group.warm_pool, "status", None)
            if group_name in young or going:
                raise refusal("ValidationError", f"{group_name} is not ready for a warm pool")
            return original(self, group_name, **request)

        return put_warm_pool

    def make_delete(original: Callable[..., Json]) -> Callable[..., Json]:
        def delete_warm_pool(self: AutoScalingBackend, group_name: str) -> None:
            group: Json = self.autoscaling_groups.get(group_name)
            if group is None or group.warm_pool is None:
                return original(self, group_name)  # type: ignore[no-any-return]
            group.warm_pool.status = "PendingDelete"
            strict.later(POOL_DELETING, lambda: _drain(group))
            return None

        return delete_warm_pool

    strict.patch(AutoScalingBackend, "create_auto_scaling_group", make_create)
    strict.patch(AutoScalingBackend, "put_warm_pool", make_put)
    strict.patch(AutoScalingBackend, "delete_warm_pool", make_delete)


def _drain(group: Json) -> None:
    group.warm_pool = None
    for state in group.__dict__.pop("warm_instances", []):
        state.instance.terminate()


def _groups_delete_slowly(strict: StrictAccount) -> None:
    from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def delete_auto_scaling_group(self: AutoScalingBackend, group_name: str) -> None:
            group: Json = self.autoscaling_groups.get(group_name)
            if group is None:
                original(self, group_name)
            if group is None or group.status:
                return
            group.status = "Delete in progress"
            _drain(group)
            strict.later(GROUP_DELETING, lambda: original(self, group_name))

        return delete_auto_scaling_group

    FakeAutoScalingGroup.status = None  # type: ignore[attr-defined]
    strict.patch(AutoScalingBackend, "delete_auto_scaling_group", make)


def _names_by_the_page(strict: StrictAccount) -> None:
    def refuse(request: Request) -> None:
        if request.action == "DescribeAutoScalingGroups":
            names = len(request.parameters.get("AutoScalingGroupNames") or ())
            most = int(request.parameters.get("MaxRecords") or _NAMES)
            if names > most or most > 100:
                raise refusal("ValidationError", f"{names} names are more than the {most} of a page")

    strict.check(refuse)


def _profiles_need_a_role(strict: StrictAccount) -> None:
    from moto.autoscaling.models import AutoScalingBackend
    from moto.iam.models import IAMBackend

    young: set[str] = set()

    def make_add(original: Callable[..., None]) -> Callable[..., None]:
        def add_role_to_instance_profile(self: IAMBackend, profile_name: str, role_name: str) -> None:
            original(self, profile_name, role_name)
            young.add(profile_name)
            strict.later(ROLE_PROPAGATES, lambda: young.discard(profile_name))

        return add_role_to_instance_profile

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_auto_scaling_group(self: AutoScalingBackend, **request: Json) -> FakeAutoScalingGroup:
            template = request.get("launch_template") or {}
            policy = (request.get("mixed_instances_policy") or {}).get("LaunchTemplate", {})
            template = template or policy.get("LaunchTemplateSpecification", {})
            backend: Json = self.ec2_backend
            found = backend.launch_templates.get(template.get("LaunchTemplateId"))
            name = (
                (found.latest_version().data.get("IamInstanceProfile") or {}).get("Name") if found else None
            )
            if name:
                _expect_role(self, name, young)
            return original(self, **request)  # type: ignore[no-any-return]

        return create_auto_scaling_group

    strict.patch(IAMBackend, "add_role_to_instance_profile", make_add)
    strict.patch(AutoScalingBackend, "create_auto_scaling_group", make)


def _expect_role(backend: Json, profile: str, young: set[str]) -> None:
    from moto.iam.models import iam_backends

    head = "You must use a valid fully-formed launch template. "
    profiles = iam_backends[backend.account_id][backend.partition].instance_profiles.values()
    found = next((each for each in profiles if each.name == profile), None)
    if found is None:
        raise refusal(
            "ValidationError",
            f"{head}Value ({profile}) for parameter iamInstanceProfile.name is "
            "invalid. Invalid IAM Instance Profile name",
        )
    if not found.roles or profile in young:
        raise refusal(
            "ValidationError", f'{head}IAM Instance Profile "{found.arn}" has no associated IAM Roles'
        )


BEHAVIOURS = (
    Behaviour(
        "warm-machines-apart",
        "The machines of a warm pool are listed by DescribeWarmPool, and not by DescribeAutoScalingGroups.",
        "Auto Scaling API Reference, DescribeAutoScalingGroups; kOps, `awsup/aws_cloud.go`",
        _warm_machines,
    ),
    Behaviour(
        "warm-pools-settle",
        "A warm pool is refused with ValidationError while its group is new, or while its predecessor is "
        "`PendingDelete`, which takes a while.",
        "Auto Scaling API Reference, WarmPoolConfiguration; kOps, `awstasks/warmpool.go`",
        _pools_settle,
    ),
    Behaviour(
        "groups-delete-slowly",
        "A deleted auto-scaling group is listed with the status `Delete in progress` until its machines are "
        "gone.",
        "Auto Scaling API Reference, DeleteAutoScalingGroup",
        _groups_delete_slowly,
    ),
    Behaviour(
        "group-names-by-the-page",
        "DescribeAutoScalingGroups takes 50 names, or as many as MaxRecords, at most 100.",
        "Auto Scaling API Reference, DescribeAutoScalingGroups, AutoScalingGroupNames and MaxRecords",
        _names_by_the_page,
    ),
    Behaviour(
        "profiles-need-a-role",
        "A group is refused with ValidationError while its launch template names an instance profile that "
        "does not exist or has no role yet; a role takes a while to be known.",
        "EC2 API Reference, RunInstances; kOps, `awstasks/autoscalinggroup.go`",
        _profiles_need_a_role,
    ),
)
