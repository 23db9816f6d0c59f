"""The kOps engine: specs, inference, plans and operations, without a user interface.

This is the public API: users of the engine import from here and from no module below it. The
imports for type checkers are the one list of its names; each is loaded when it is first used,
so that importing the package costs nothing.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core.api.canonical import emit as emit_yaml
    from kops_core.api.canonical import to_yaml
    from kops_core.api.duration import parse as parse_duration
    from kops_core.api.path import FieldPath, leaves
    from kops_core.api.path import get as get_path
    from kops_core.api.path import parse as parse_path
    from kops_core.api.path import render as render_path
    from kops_core.api.values import UNSET, Maybe, Tree, Value
    from kops_core.cloud.provider import Identity
    from kops_core.cloud.terraform.module import write_module
    from kops_core.engine.background.handle import OperationHandle
    from kops_core.engine.background.operations import (
        Operations,
        OperationState,
        OperationSummary,
        interrupted,
    )
    from kops_core.engine.background.requests import (
        ApplyRequest,
        DeleteGroupRequest,
        DeleteInstanceRequest,
        DeleteRequest,
        OperationRequest,
        ReconcileRequest,
        RollRequest,
        apply_request,
    )
    from kops_core.engine.credentials.keypairs import KeypairChange, Keypairs, KeypairSummary
    from kops_core.engine.credentials.kubeconfig import KubeconfigOptions
    from kops_core.engine.credentials.kubeconfig import lifetime as admin_lifetime
    from kops_core.engine.credentials.kubeconfig_export import Exported
    from kops_core.engine.credentials.stored import Credentials, SSHPublicKey
    from kops_core.engine.engine import Engine
    from kops_core.engine.feature_flags import read_feature_flags
    from kops_core.engine.field_reference import FieldReference, field_reference
    from kops_core.engine.files.inputs import inference_of, read_files
    from kops_core.engine.files.templates import TemplateRequest, render_templates
    from kops_core.engine.files.templates import value_of as template_value
    from kops_core.engine.fleet.cache import CachedFleet, FleetCache
    from kops_core.engine.fleet.fleet import Fleet
    from kops_core.engine.fleet.needs import Need, NeedKind, needs_of
    from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary, GroupSummary, Pending
    from kops_core.engine.fleet.summary import group_of as group_summary
    from kops_core.engine.fleet.summary import summary_of as cluster_summary
    from kops_core.engine.fleet.work import FleetWork
    from kops_core.engine.operations.addons import AddonStatus
    from kops_core.engine.operations.cluster_lock import LockStatus
    from kops_core.engine.operations.creation import ssh_key_of
    from kops_core.engine.operations.deletion import Deletion
    from kops_core.engine.operations.drift_report import DriftReport
    from kops_core.engine.operations.etcd import EtcdClusters
    from kops_core.engine.operations.group_creation import SelectionOptions
    from kops_core.engine.operations.group_deletion import GroupDeletion
    from kops_core.engine.operations.history import PastOperation
    from kops_core.engine.operations.instance_groups import GroupStatus, InstanceStatus
    from kops_core.engine.operations.node_logs import Machine as NodeMachine
    from kops_core.engine.operations.node_logs import SshSettings, collect_logs
    from kops_core.engine.operations.options import ApiAccess, GroupDeletionOptions
    from kops_core.engine.operations.planning import PlannedChange, PlanRequest
    from kops_core.engine.operations.reconciliation import StagePreview
    from kops_core.engine.operations.spec_history import SpecHistory, SpecWrite
    from kops_core.engine.operations.validation import ValidationAttempt, ValidationRequest
    from kops_core.engine.settings import Settings
    from kops_core.engine.workspace.explanation import Explanation
    from kops_core.engine.workspace.kept_edits import KeptEdits, forget_edits, keep_edits, left_edits
    from kops_core.engine.workspace.review import SaveReview, ValueChange
    from kops_core.engine.workspace.spec_rows import Holder, SpecRow
    from kops_core.engine.workspace.upgrade import UpgradeProposal, UpgradeRequest
    from kops_core.engine.workspace.what_if import WhatIf
    from kops_core.engine.workspace.workspace import Workspace
    from kops_core.errors import (
        AccessDenied,
        CloudError,
        FactsNotRead,
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
    from kops_core.infer.create.group import GroupOptions
    from kops_core.infer.create.options import CreateOptions
    from kops_core.infer.create.selection import Criteria as MachineCriteria
    from kops_core.infer.create.selection import MachineType
    from kops_core.infer.create.selection import Range as AmountRange
    from kops_core.infer.inference import Inference, Origin, Read, Source
    from kops_core.model.asset_list import AssetList
    from kops_core.model.kind_spec import Risk
    from kops_core.model.template import Key as ResourceKey
    from kops_core.operations.clock import CancelToken
    from kops_core.operations.event_log import LoggedEvent
    from kops_core.operations.events import (
        Asked,
        Control,
        Controlled,
        Event,
        Failed,
        Finished,
        HeldPod,
        Paused,
        Phase,
        Resumed,
        Saved,
        StageStarted,
        Started,
        StepChanged,
        Throttling,
        Warned,
    )
    from kops_core.operations.failure import error_of
    from kops_core.operations.progress import Progress, StepProgress
    from kops_core.operations.rolling.settings import RollingSettings
    from kops_core.operations.steps import Limits
    from kops_core.operations.validation import Failure as ValidationFailure
    from kops_core.operations.validation import Validation
    from kops_core.plan.changes import (
        STATE,
        Action,
        CauseGroup,
        CauseKind,
        Change,
        FieldChange,
        Plan,
        Reason,
        Unknown,
    )
    from kops_core.plan.comparison import compare as compare_changes
    from kops_core.plan.comparison import differing_fields
    from kops_core.plan.drift import Cause, Drift
    from kops_core.plan.drift import text as drift_to_text
    from kops_core.plan.drift import to_json as drift_to_json
    from kops_core.plan.manifest_diff import LIVE, ObjectChange, goes_live
    from kops_core.plan.manifest_diff import changes_of as object_changes
    from kops_core.plan.render import text as plan_to_text
    from kops_core.plan.risk import severity
    from kops_core.plan.saved import dumps as plan_to_json
    from kops_core.plan.saved import loads as plan_from_json
    from kops_core.plan.scope import read_key as read_resource_key
    from kops_core.store.aws_login import MfaPrompt
    from kops_core.store.call_log import CallLog
    from kops_core.store.etcd_backups import EtcdBackup, EtcdBackups, StagedRestore
    from kops_core.store.reading import StoredCluster
    from kops_core.store.rotation import rotatable as is_rotatable
    from kops_core.validate.cluster_set import validate_planned


@cache
def _exports() -> dict[str, tuple[str, str]]:
    """The public names as the imports above list them: the module that defines each, and its name there."""
    import ast
    from pkgutil import get_data

    source = ast.parse(get_data(__name__, "__init__.py") or b"")
    return {
        alias.asname or alias.name: (statement.module or "", alias.name)
        for block in source.body
        if isinstance(block, ast.If)
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }


if not TYPE_CHECKING:  # so that a type checker knows the names above and no others

    def __getattr__(name: str) -> object:
        if name.startswith("__") or name not in _exports():
            raise AttributeError(f"kops_core has no {name}")
        module, defined = _exports()[name]
        return getattr(import_module(module), defined)


def __dir__() -> list[str]:
    return sorted(_exports())
