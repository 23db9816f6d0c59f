"""Queues, rules, volumes and images: refusals, and failures inside successful responses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, StrictAccount, refusal

if TYPE_CHECKING:
    from moto.ec2.models.elastic_block_store import Volume

QUEUE_BLOCKED = 60.0
"""Seconds (SQS API Reference, DeleteQueue)."""
MODIFIED_AGAIN_AFTER = 6 * 3600.0
"""Seconds (EBS User Guide, "Requirements for Amazon EBS volume modifications")."""
VOLUME_CREATING = 5.0
"""Seconds; AWS names none."""


def _queue_names_blocked(strict: StrictAccount) -> None:
    from moto.sqs.models import SQSBackend

    blocked: dict[str, float] = {}

    def make_delete(original: Callable[..., None]) -> Callable[..., None]:
        def delete_queue(self: SQSBackend, queue_name: str) -> None:
            original(self, queue_name)
            blocked[queue_name] = strict.now() + QUEUE_BLOCKED

        return delete_queue

    def make_create(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_queue(self: SQSBackend, name: str, *rest: Json, **request: Json) -> Json:
            if strict.now() < blocked.get(name, 0.0):
                raise refusal(
                    "AWS.SimpleQueueService.QueueDeletedRecently",
                    "You must wait 60 seconds after deleting a queue before you can create another with the "
                    "same name.",
                )
            return original(self, name, *rest, **request)

        return create_queue

    strict.patch(SQSBackend, "delete_queue", make_delete)
    strict.patch(SQSBackend, "create_queue", make_create)


def _targets_fail_quietly(strict: StrictAccount) -> None:
    from moto.events.responses import EventsHandler

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def put_targets(self: Json) -> Json:
            failure = strict.fails("EventBridgeTarget")
            if failure is None:
                return original(self)
            entries = [
                {"TargetId": each["Id"], "ErrorCode": failure.code, "ErrorMessage": failure.message}
                for each in self._get_param("Targets")
            ]
            answer = {"FailedEntryCount": len(entries), "FailedEntries": entries}
            return json.dumps(answer), self.response_headers

        return put_targets

    strict.patch(EventsHandler, "put_targets", make)


def _keys_by_arn(strict: StrictAccount) -> None:
    from moto.ec2.models import EC2Backend
    from moto.kms.models import kms_backends

    def make(original: Callable[..., Volume]) -> Callable[..., Volume]:
        def create_volume(self: Json, *rest: Json, **request: Json) -> Volume:
            volume = original(self, *rest, **request)
            key: Json = volume.kms_key_id
            if key and ":key/" not in key:
                known = kms_backends[self.account_id][self.region_name]
                _, is_alias, name = key.rpartition("alias/")
                id_ = known.get_key_id_from_alias(f"alias/{name}") if is_alias else key
                volume.kms_key_id = f"arn:aws:kms:{self.region_name}:{self.account_id}:key/{id_}"
            return volume

        return create_volume

    strict.patch(EC2Backend, "create_volume", make)


def _volumes_take_time(strict: StrictAccount) -> None:
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.elastic_block_store import Volume

    young: set[str] = set()
    failed: set[str] = set()
    modified: dict[str, float] = {}

    def make_create(original: Callable[..., Volume]) -> Callable[..., Volume]:
        def create_volume(self: Json, *rest: Json, **request: Json) -> Volume:
            volume, failure = original(self, *rest, **request), strict.fails("Volume")
            young.add(volume.id)
            strict.later(VOLUME_CREATING, lambda: settle(volume.id, failure is not None))
            return volume

        return create_volume

    def settle(id_: str, fails: bool) -> None:
        young.discard(id_)
        if fails:
            failed.add(id_)

    shown: Json = vars(Volume)["status"]

    def status(volume: Volume) -> str:
        if volume.id in failed:
            return "error"
        return "creating" if volume.id in young else str(shown.fget(volume))

    def make_modify(original: Callable[..., Json]) -> Callable[..., Json]:
        def modify_volume(self: EC2Backend, volume_id: str, *rest: Json, **request: Json) -> Json:
            if strict.now() < modified.get(volume_id, float("-inf")) + MODIFIED_AGAIN_AFTER:
                raise refusal(
                    "VolumeModificationRateExceeded",
                    f"You've reached the maximum modification rate per volume limit. Wait at least 6 hours "
                    f"between modifications per EBS volume. ({volume_id})",
                )
            modified[volume_id] = strict.now()
            return original(self, volume_id, *rest, **request)

        return modify_volume

    strict.replace(Volume, "status", property(status))
    strict.patch(EC2Backend, "create_volume", make_create)
    strict.patch(EC2Backend, "modify_volume", make_modify)


def _every_image_has_to_exist(strict: StrictAccount) -> None:
    from moto.ec2.models import EC2Backend

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def describe_images(self: Json, ami_ids: Json = None, *rest: Json, **request: Json) -> Json:
            missing = [each for each in ami_ids or () if each not in self.amis]
            if missing:
                raise refusal("InvalidAMIID.NotFound", f"The image ids '{missing}' do not exist")
            return original(self, ami_ids, *rest, **request)

        return describe_images

    strict.patch(EC2Backend, "describe_images", make)


BEHAVIOURS = (
    Behaviour(
        "queue-names-blocked",
        "A queue's name is refused with QueueDeletedRecently for 60 seconds after its deletion.",
        "SQS API Reference, CreateQueue and DeleteQueue",
        _queue_names_blocked,
    ),
    Behaviour(
        "targets-fail-quietly",
        "PutTargets answers 200 and lists the targets that failed.",
        "EventBridge API Reference, PutTargets, FailedEntryCount",
        _targets_fail_quietly,
    ),
    Behaviour(
        "keys-by-arn",
        "The KMS key of a volume comes back as the key's ARN, however it was named.",
        "EC2 API Reference, CreateVolume, KmsKeyId; Volume, KmsKeyId",
        _keys_by_arn,
    ),
    Behaviour(
        "volumes-take-time",
        "A volume is `creating`, then `available` or `error`; it may not be modified again for six hours.",
        "EC2 API Reference, Volume; EBS User Guide, volume modifications",
        _volumes_take_time,
    ),
    Behaviour(
        "every-image-has-to-exist",
        "DescribeImages with a list of ids fails for all if one does not exist.",
        "EC2 API Reference, error code InvalidAMIID.NotFound",
        _every_image_has_to_exist,
    ),
)
