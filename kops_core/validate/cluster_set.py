"""Validation of a Cluster together with its InstanceGroups.

validate_written   shallow, before documents are stored
validate_created   strict, of completed documents, before a new cluster is stored
validate_planned   strict, of completed documents, before a plan; includes all of the above
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress

from kops_core.api.path import FieldPath, get, parse, set_at
from kops_core.api.values import UNSET, Tree
from kops_core.errors import FieldError, InvalidSpec, MissingFact
from kops_core.infer.common import strings
from kops_core.infer.inference import Inference, Inputs
from kops_core.validate import cross_checks
from kops_core.validate.aws import check_aws, check_written_image
from kops_core.validate.cluster import validate_cluster
from kops_core.validate.field import Field, Findings, document
from kops_core.validate.instance_group import validate_instance_group, validate_with_cluster
from kops_core.validate.load_balancer import check_bastion
from kops_core.validate.supported import CLOUDS
from kops_core.validate.versions import check_versions


def validate_written(
    cluster: Tree,
    groups: Iterable[Tree],
    *,
    features: Collection[str] = (),
    clouds: Sequence[str] = CLOUDS,
) -> list[FieldError]:
    """The errors that prevent documents from being stored.

    features: feature flags that are on. clouds: values of ``spec.cloudProvider`` that are supported.
    """
    errors = validate_cluster(cluster, features=features, clouds=clouds)
    for group in groups:
        errors += validate_instance_group(group)
    return _once(errors)


def validate_created(inference: Inference) -> list[FieldError]:
    """The errors that prevent a new cluster from being stored: all but those that only concern plans.

    Raises MissingFact as `validate_planned` does.
    """
    return _validate(inference, _before_storing)


def validate_planned(inference: Inference) -> list[FieldError]:
    """The errors that prevent a cluster from being planned, shallow ones first.

    If the spec can't be completed, that is the last error. Raises MissingFact if validation can't go on
    without a fact and has found no error yet.
    """
    return _validate(inference, _before_planning)


def _validate(
    inference: Inference, more: Callable[[Field, Sequence[Field], Inputs], Findings]
) -> list[FieldError]:
    inputs = inference.inputs
    features = strings(inputs.settings.get("featureFlags"))
    clouds = strings(inputs.settings.get("clouds")) or CLOUDS
    stored = _as_stored(inference)
    written = validate_written(stored, inputs.instance_groups.values(), features=features, clouds=clouds)
    try:
        cluster, groups = inference.cluster, list(inference.instance_groups.values())
    except InvalidSpec as incomplete:
        return _once([*written, *incomplete.errors])
    except MissingFact:
        if written:
            return written
        raise
    errors = [*written, *validate_cluster(cluster, strict=True, features=features, clouds=clouds)]
    for group in groups:
        errors += validate_with_cluster(group, cluster, strict=True, features=features)
    errors += more(document(cluster).at("spec"), [_root(group) for group in groups], inputs)
    return _once(errors)


def _as_stored(inference: Inference) -> Tree:
    """The user's cluster with the values that are added when it is stored."""
    done = inference.inputs.cluster
    for path in _SETTLED:
        with suppress(InvalidSpec):
            done = _settle(done, path, inference)
    subnets = get(done, _SUBNETS)
    for position, subnet in enumerate(subnets if isinstance(subnets, list) else ()):
        with suppress(InvalidSpec, MissingFact):
            done = (
                _settle(done, (*_SUBNETS, position, "cidr"), inference) if isinstance(subnet, dict) else done
            )
    return done


def _settle(cluster: Tree, path: FieldPath, inference: Inference) -> Tree:
    if get(cluster, path):
        return cluster
    value = inference.value(path)
    return cluster if value is UNSET else set_at(cluster, path, value)


_SUBNETS = parse("spec.subnets")
_SETTLED = tuple(map(parse, ("spec.kubernetesVersion", "spec.networkCIDR", "spec.nonMasqueradeCIDR")))


def _before_storing(spec: Field, groups: Sequence[Field], inputs: Inputs) -> Findings:
    """spec: the completed cluster's; groups: completed."""
    yield from cross_checks.check_groups_present(groups)
    yield from cross_checks.check_zones(spec, inputs.known_facts())


def _before_planning(spec: Field, groups: Sequence[Field], inputs: Inputs) -> Findings:
    yield from check_versions(spec, inputs.channel, inputs.settings)
    yield from _before_storing(spec, groups, inputs)
    for group in groups:
        yield from check_aws(group, inputs.known_facts())
    for written in map(_root, inputs.instance_groups.values()):
        # Karpenter finds the images of its groups itself, unless they name a machine type.
        if written.at("spec.machineType").text or written.at("spec.manager").text != "Karpenter":
            yield from check_written_image(written, inputs.known_facts())
    yield from cross_checks.check_etcd_groups(spec, groups)
    yield from cross_checks.check_subnet_types(spec, groups)
    yield from cross_checks.check_profiles(groups)
    yield from check_bastion(spec, groups)
    yield from cross_checks.check_stores(spec)
    yield from cross_checks.check_runc(spec)
    yield from cross_checks.check_balancer(spec)
    yield from cross_checks.check_egress(spec)
    yield from cross_checks.check_hosted_zone(spec, inputs.known_facts())


def _root(group: Tree) -> Field:
    return document(group, f"InstanceGroup {document(group).at('metadata.name').text}")


def _once(errors: Iterable[FieldError]) -> list[FieldError]:
    """The first error of each type at each path."""
    first: dict[tuple[str, str, str], FieldError] = {}
    for error in errors:
        first.setdefault((error.source, error.path, error.kind), error)
    return list(first.values())
