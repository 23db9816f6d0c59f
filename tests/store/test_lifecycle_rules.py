"""Tests of which lifecycle rules of a bucket delete etcd's control files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kops_core.store.s3_versions import deletes_below

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import LifecycleRuleOutputTypeDef

CONTROL = "a.example.com/backups/etcd/main/control/"


def rule(**more: object) -> LifecycleRuleOutputTypeDef:
    found: LifecycleRuleOutputTypeDef = {"ID": "tidy", "Status": "Enabled", "Expiration": {"Days": 90}}
    found.update(more)  # type: ignore[typeddict-item]
    return found


@pytest.mark.parametrize(
    ("found", "deletes"),
    [
        (rule(), True),
        (rule(Prefix=""), True),
        (rule(Prefix="a.example.com/backups/"), True),
        (rule(Filter={"Prefix": "a.example.com/"}), True),
        (rule(Filter={"Prefix": f"{CONTROL}etcd-cluster"}), True),
        (rule(Filter={"Prefix": "b.example.com/"}), False),
        (rule(Status="Disabled"), False),
        (rule(Expiration={"Date": "2030-01-01T00:00:00Z"}), True),
        (rule(Expiration={"ExpiredObjectDeleteMarker": True}), False),
        (rule(Filter={"Tag": {"Key": "tidy", "Value": "yes"}}), False),
        (rule(Filter={"ObjectSizeGreaterThan": 1_000_000}), False),
        (rule(Filter={"ObjectSizeGreaterThan": 10}), True),
        (rule(Filter={"And": {"Prefix": "a.", "ObjectSizeGreaterThan": 10}}), True),
        (rule(Filter={"And": {"Prefix": "b.", "ObjectSizeGreaterThan": 10}}), False),
        (rule(Filter={"And": {"Prefix": "a.", "Tags": [{"Key": "tidy", "Value": "yes"}]}}), False),
    ],
)
def test_a_rule_is_about_control_files_if_it_deletes_small_untagged_objects_there(
    found: LifecycleRuleOutputTypeDef, deletes: bool
) -> None:
    assert deletes_below(found, CONTROL) is deletes
