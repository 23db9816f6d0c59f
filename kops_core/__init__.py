"""The kOps engine: specs, inference, plans and operations, without a user interface.

This is the one door: users of the engine import from here and from no room behind it.
A name is loaded when it is first asked for, so the door itself costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core.api.canonical import emit as emit_yaml
    from kops_core.api.canonical import to_yaml
    from kops_core.api.duration import parse as parse_duration
    from kops_core.api.path import Parts, leaves
    from kops_core.api.path import get as get_path
    from kops_core.api.path import parse as parse_path
    from kops_core.api.path import render as render_path
    from kops_core.api.values import UNSET, Maybe, Tree, Value
    from kops_core.cloud.terraform.target import write_module
    from kops_core.engine.carrying_out import PlanRequest, Prepared
    from kops_core.engine.clouds import Identity
    from kops_core.engine.creating import ssh_key_of
    from kops_core.engine.credentials.stored import Credentials, SSHPublicKey
    from kops_core.engine.deleting import Deletion
    from kops_core.engine.drifting import DriftReport
    from kops_core.engine.engine import Engine
    from kops_core.engine.explanation import Explanation
    from kops_core.engine.exporting import Exported
    from kops_core.engine.feature_flags import read_feature_flags
    from kops_core.engine.fleet import ClusterStatus, ClusterSummary, GroupSummary, Pending
    from kops_core.engine.groups import GroupStatus, InstanceStatus
    from kops_core.engine.inputs import inference_of, read_files
    from kops_core.engine.kept_edits import KeptEdits, forget_edits, keep_edits, left_edits
    from kops_core.engine.keypairs import KeypairChange, Keypairs, KeypairSummary
    from kops_core.engine.kubeconfig import KubeconfigOptions
    from kops_core.engine.kubeconfig import lifetime as admin_lifetime
    from kops_core.engine.locking import LockStatus
    from kops_core.engine.past import PastOperation
    from kops_core.engine.review import SaveReview, ValueChange
    from kops_core.engine.settings import Settings
    from kops_core.engine.spec_rows import Holder, SpecRow
    from kops_core.engine.summary import group_of as group_summary
    from kops_core.engine.workspace.workspace import Workspace
    from kops_core.errors import (
        AccessDenied,
        CloudError,
        FieldError,
        InvalidSpec,
        KopsError,
        LockHeld,
        LockLost,
        MissingFact,
        ObjectChanged,
        ObjectNotFound,
        OperationFailed,
        Refused,
        StoreError,
        Throttled,
        UsageError,
    )
    from kops_core.escaping import printable
    from kops_core.infer.create.create import Created
    from kops_core.infer.create.flags import FLAGS as CREATE_FLAGS
    from kops_core.infer.inference import Inference, Origin, Read, Source
    from kops_core.operations.clock import Control
    from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged, Throttling, Warned
    from kops_core.operations.steps import Limits
    from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason, Risk, Unknown
    from kops_core.plan.drift import Cause, Drift
    from kops_core.plan.drift import text as drift_to_text
    from kops_core.plan.drift import to_json as drift_to_json
    from kops_core.plan.objects import LIVE, ObjectChange, goes_live
    from kops_core.plan.objects import changes_of as object_changes
    from kops_core.plan.render import text as plan_to_text
    from kops_core.plan.saved import dumps as plan_to_json
    from kops_core.plan.saved import loads as plan_from_json
    from kops_core.plan.teardown import Standing, StateLocation, Teardown, Thing
    from kops_core.plan.teardown import dumps as teardown_to_json
    from kops_core.plan.teardown import text as teardown_to_text
    from kops_core.store.aws_login import MfaPrompt
    from kops_core.store.revisions import Revision
    from kops_core.store.state import StoredCluster
    from kops_core.validate.whole import validate_planned

_ROOMS = {
    "parse_duration": "api.duration:parse",
    "Deletion": "engine.deleting",
    "Limits": "operations.steps",
    "Standing": "plan.teardown",
    "StateLocation": "plan.teardown",
    "StoredCluster": "store.state",
    "Teardown": "plan.teardown",
    "PlanRequest": "engine.carrying_out",
    "LockHeld": "errors",
    "MfaPrompt": "store.aws_login",
    "LockLost": "errors",
    "Thing": "plan.teardown",
    "teardown_to_json": "plan.teardown:dumps",
    "teardown_to_text": "plan.teardown:text",
    "write_module": "cloud.terraform.target",
    "ssh_key_of": "engine.creating",
    "PastOperation": "engine.past",
    "InstanceStatus": "engine.groups",
    "GroupStatus": "engine.groups",
    "CREATE_FLAGS": "infer.create.flags:FLAGS",
    "UNSET": "api.values",
    "AccessDenied": "errors",
    "Action": "plan.changes",
    "Change": "plan.changes",
    "CloudError": "errors",
    "ClusterStatus": "engine.fleet",
    "ClusterSummary": "engine.fleet",
    "Cause": "plan.drift",
    "Control": "operations.clock",
    "Created": "infer.create.create",
    "Credentials": "engine.credentials",
    "Drift": "plan.drift",
    "DriftReport": "engine.drifting",
    "Engine": "engine.engine",
    "drift_to_json": "plan.drift:to_json",
    "drift_to_text": "plan.drift:text",
    "Event": "operations.events",
    "Exported": "engine.exporting",
    "KubeconfigOptions": "engine.kubeconfig",
    "admin_lifetime": "engine.kubeconfig:lifetime",
    "Explanation": "engine.explanation",
    "KeptEdits": "engine.kept_edits",
    "Revision": "store.revisions",
    "SaveReview": "engine.review",
    "ValueChange": "engine.review",
    "forget_edits": "engine.kept_edits",
    "keep_edits": "engine.kept_edits",
    "left_edits": "engine.kept_edits",
    "FieldChange": "plan.changes",
    "FieldError": "errors",
    "Finished": "operations.events",
    "GroupSummary": "engine.fleet",
    "Holder": "engine.spec_rows",
    "Identity": "engine.clouds",
    "Inference": "infer.inference",
    "InvalidSpec": "errors",
    "KeypairChange": "engine.keypairs",
    "KeypairSummary": "engine.keypairs",
    "Keypairs": "engine.keypairs",
    "KopsError": "errors",
    "Maybe": "api.values",
    "MissingFact": "errors",
    "ObjectChanged": "errors",
    "ObjectNotFound": "errors",
    "OperationFailed": "errors",
    "Origin": "infer.inference",
    "Parts": "api.path",
    "Pending": "engine.fleet",
    "Phase": "operations.events",
    "Plan": "plan.changes",
    "Prepared": "engine.carrying_out",
    "Read": "infer.inference",
    "Reason": "plan.changes",
    "Refused": "errors",
    "Risk": "plan.changes",
    "SSHPublicKey": "engine.credentials",
    "Settings": "engine.settings",
    "Source": "infer.inference",
    "SpecRow": "engine.spec_rows",
    "Started": "operations.events",
    "StepChanged": "operations.events",
    "StoreError": "errors",
    "Throttled": "errors",
    "Throttling": "operations.events",
    "Warned": "operations.events",
    "Tree": "api.values",
    "Unknown": "plan.changes",
    "UsageError": "errors",
    "Value": "api.values",
    "Workspace": "engine.workspace",
    "validate_planned": "validate.whole",
    "emit_yaml": "api.canonical:emit",
    "get_path": "api.path:get",
    "group_summary": "engine.summary:group_of",
    "inference_of": "engine.inputs",
    "leaves": "api.path",
    "parse_path": "api.path:parse",
    "LIVE": "plan.objects",
    "LockStatus": "engine.locking",
    "goes_live": "plan.objects",
    "ObjectChange": "plan.objects",
    "object_changes": "plan.objects:changes_of",
    "plan_from_json": "plan.saved:loads",
    "plan_to_json": "plan.saved:dumps",
    "plan_to_text": "plan.render:text",
    "printable": "escaping",
    "read_feature_flags": "engine.feature_flags",
    "read_files": "engine.inputs",
    "render_path": "api.path:render",
    "to_yaml": "api.canonical",
}
"""Where each name lives; ``room:name`` where it has another name there."""

__all__ = [
    "CREATE_FLAGS",
    "LIVE",
    "UNSET",
    "AccessDenied",
    "Action",
    "Cause",
    "Change",
    "CloudError",
    "ClusterStatus",
    "ClusterSummary",
    "Control",
    "Created",
    "Credentials",
    "Deletion",
    "Drift",
    "DriftReport",
    "Engine",
    "Event",
    "Explanation",
    "Exported",
    "FieldChange",
    "FieldError",
    "Finished",
    "GroupStatus",
    "GroupSummary",
    "Holder",
    "Identity",
    "Inference",
    "InstanceStatus",
    "InvalidSpec",
    "KeptEdits",
    "KeypairChange",
    "KeypairSummary",
    "Keypairs",
    "KopsError",
    "KubeconfigOptions",
    "Limits",
    "LockHeld",
    "LockLost",
    "LockStatus",
    "Maybe",
    "MfaPrompt",
    "MissingFact",
    "ObjectChange",
    "ObjectChanged",
    "ObjectNotFound",
    "OperationFailed",
    "Origin",
    "Parts",
    "PastOperation",
    "Pending",
    "Phase",
    "Plan",
    "PlanRequest",
    "Prepared",
    "Read",
    "Reason",
    "Refused",
    "Revision",
    "Risk",
    "SSHPublicKey",
    "SaveReview",
    "Settings",
    "Source",
    "SpecRow",
    "Standing",
    "Started",
    "StateLocation",
    "StepChanged",
    "StoreError",
    "StoredCluster",
    "Teardown",
    "Thing",
    "Throttled",
    "Throttling",
    "Tree",
    "Unknown",
    "UsageError",
    "Value",
    "ValueChange",
    "Warned",
    "Workspace",
    "admin_lifetime",
    "drift_to_json",
    "drift_to_text",
    "emit_yaml",
    "forget_edits",
    "get_path",
    "goes_live",
    "group_summary",
    "inference_of",
    "keep_edits",
    "leaves",
    "left_edits",
    "object_changes",
    "parse_duration",
    "parse_path",
    "plan_from_json",
    "plan_to_json",
    "plan_to_text",
    "printable",
    "read_feature_flags",
    "read_files",
    "render_path",
    "ssh_key_of",
    "teardown_to_json",
    "teardown_to_text",
    "to_yaml",
    "validate_planned",
    "write_module",
]


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"kops_core has no {name}")
    room, _, renamed = _ROOMS[name].partition(":")
    return getattr(import_module(f"kops_core.{room}"), renamed or name)


def __dir__() -> list[str]:
    return sorted(__all__)
