"""What the fake clouds plan: changes of each kind."""

from __future__ import annotations

from collections.abc import Sequence

from kops_core.cloud.aws.resources import KINDS
from kops_core.model.kind_spec import Risk
from kops_core.model.template import Key
from kops_core.plan.causes import SpecChange
from kops_core.plan.changes import Action, CauseKind, Change, FieldChange, Reason, Unknown


def change(
    kind: str,
    name: str,
    action: Action,
    *fields: FieldChange,
    risk: Risk = Risk.NONE,
    rolls: Sequence[str] = (),
) -> Change:
    reasons = {Action.CREATE: Reason.MISSING, Action.NO_OP: Reason.SAME, Action.DELETE: Reason.NOT_DESIRED}
    return Change(
        Key(kind, name),
        action,
        reasons.get(action, Reason.DIFFERS),
        fields,
        risk=risk,
        rolls=tuple(rolls),
        spec_paths=(("spec", "kubernetesVersion"),) if action is not Action.NO_OP else (),
        area=KINDS[kind].spec.area,
    )


UPGRADE = SpecChange(CauseKind.SAVED, ("spec", "kubernetesVersion"), "1.33.9", "1.34.3")
"""What the operator changed."""

_OLD_CONFIG = "apiVersion: kops.k8s.io/v1alpha2\nassets:\n- kubelet v1.33.9\n- containerd 2.1.5\ncloud: aws\n"


def changes_of(name: str, destructive: bool = False) -> tuple[Change, ...]:
    found = [
        change("VPC", name, Action.NO_OP),
        change("Subnet", f"us-east-1a.{name}", Action.NO_OP),
        change("SecurityGroup", f"nodes.{name}", Action.NO_OP),
        change(
            "ManagedFile",
            "nodes-us-east-1a-nodeupconfig",
            Action.UPDATE,
            FieldChange("contents", _OLD_CONFIG, _OLD_CONFIG.replace("1.33.9", "1.34.3"), "yaml"),
        ),
        change(
            "IAMRolePolicy",
            f"nodes.{name}",
            Action.CREATE,
            FieldChange(
                "PolicyDocument", None, '{"Statement": [{"Action": ["ec2:DescribeInstances"]}]}', "json"
            ),
        ),
        change(
            "LaunchTemplate",
            f"control-plane-us-east-1a.masters.{name}",
            Action.UPDATE,
            FieldChange("ImageId", "ami-0aa1c2d3e4f5a6b7c", "ami-0bb2c2d3e4f5a6b7c"),
            FieldChange(
                "UserData", "NodeupConfigHash: 5c1d\nset -o errexit\n", Unknown.AFTER_APPLY, "script"
            ),
            risk=Risk.ROLLS_NODES,
            rolls=["control-plane-us-east-1a"],
        ),
        change(
            "LaunchTemplate",
            f"nodes-us-east-1a.{name}",
            Action.UPDATE,
            FieldChange("ImageId", "ami-0aa1c2d3e4f5a6b7c", "ami-0bb2c2d3e4f5a6b7c"),
            FieldChange(
                "UserData",
                "#!/bin/bash\nNODEUP=v1.33.9\nHASH=5c1d\nset -o errexit\n",
                "#!/bin/bash\nNODEUP=v1.34.3\nHASH=9e07\nset -o errexit\n",
                "script",
            ),
            risk=Risk.ROLLS_NODES,
            rolls=["nodes-us-east-1a"],
        ),
    ]
    if destructive:
        found.append(change("NatGateway", f"us-east-1b.{name}", Action.DELETE, risk=Risk.DELETES_DATA))
    return tuple(found)


OPEN_RULE = change(
    "SecurityGroupRule",
    "from 0.0.0.0/0 port 22 to nodes",
    Action.DELETE,
    FieldChange("CIDR", "0.0.0.0/0", None),
    FieldChange("FromPort", "22", None),
)
