"""Patches of deletions in EC2."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.moto_patches.patching import Json, patch

if TYPE_CHECKING:
    from moto.core.responses import ActionResult
    from moto.ec2.models.instances import Instance, InstanceState


def instances_that_are_terminated() -> None:
    """A terminated instance may be terminated again, by its group too: nothing happens, and it is told."""
    from moto.ec2.models.instances import Instance
    from moto.ec2.responses.instances import InstanceResponse

    def make(original: Callable[..., InstanceState]) -> Callable[..., InstanceState]:
        def terminate(self: Instance) -> InstanceState:
            return copy(self._state) if self._state.name == "terminated" else original(self)

        return terminate

    def make_answer(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def terminate_instances(self: Json) -> ActionResult:
            answer = original(self)
            told: Json = answer.result
            for each in told["TerminatingInstances"]:
                if each["PreviousState"].name == "terminated":
                    each["CurrentState"] = each["PreviousState"]
            return answer

        return terminate_instances

    patch(Instance, "terminate", make)
    patch(InstanceResponse, "terminate_instances", make_answer)


def key_pairs_by_id() -> None:
    """DeleteKeyPair takes the key pair's id too."""
    from moto.ec2.responses.key_pairs import KeyPairs

    def make(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def delete_key_pair(self: Json) -> ActionResult:
            wanted = self._get_param("KeyPairId")
            if wanted is not None and not self._get_bool_param("DryRun", False):
                for name in [name for name, pair in self.ec2_backend.key_pairs.items() if pair.id == wanted]:
                    self.ec2_backend.delete_key_pair(name)
            return original(self)

        return delete_key_pair

    patch(KeyPairs, "delete_key_pair", make)
