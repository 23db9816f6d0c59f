"""Tests of cutting the SDK's descriptions of services down: what is left is what the program calls."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, create_loader
from botocore.model import ServiceModel
from botocore.session import Session
from botocore.stub import Stubber

from kops_core.store.aws_login import AwsLogin
from kops_core.store.sdk_models import ENDPOINTS, OPERATIONS, CutDescriptions, cut_service
from tests.aws.calls import possible_calls


def login(folder: Path) -> AwsLogin:
    return AwsLogin(descriptions=folder)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_PROFILE", raising=False)


def test_all_calls_of_the_code_are_left_and_no_others() -> None:
    called: dict[str, set[str]] = {}
    for call in possible_calls():
        service, _, operation = call.partition(":")
        called.setdefault(service, set()).add(operation)
    assert {service: called[service] for service in OPERATIONS} == {
        **OPERATIONS,
        "s3": OPERATIONS["s3"] - {"HeadBucket"},
    }
    prefixes = {"elbv2": "elasticloadbalancing", "elb": "elasticloadbalancing"}
    assert {prefixes.get(service, service) for service in called} <= ENDPOINTS


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_every_operation_left_is_described_as_before(service: str) -> None:
    whole: Any = create_loader().load_service_model(service, "service-2")
    before, after = ServiceModel(whole), ServiceModel(cut_service(whole, OPERATIONS[service]))
    assert set(after.operation_names) == OPERATIONS[service]
    for name in after.operation_names:
        one, other = before.operation_model(name), after.operation_model(name)
        assert _described(one.input_shape) == _described(other.input_shape)
        assert _described(one.output_shape) == _described(other.output_shape)
        assert [each.name for each in one.error_shapes] == [each.name for each in other.error_shapes]
        assert (one.http, one.metadata) == (other.http, other.metadata)
    assert before.metadata == after.metadata


def _described(shape: Any, seen: tuple[str, ...] = ()) -> Any:
    """A shape with all shapes in it, as far as requests and responses depend on it."""
    if shape is None or shape.name in seen:
        return None
    seen = (*seen, shape.name)
    inner = dict(getattr(shape, "members", {}))
    inner |= {part: getattr(shape, part) for part in ("member", "key", "value") if hasattr(shape, part)}
    return (
        shape.name,
        shape.type_name,
        shape.serialization,
        shape.metadata,
        getattr(shape, "enum", []),
        {name: _described(each, seen) for name, each in inner.items()},
    )


def test_a_client_is_made_from_what_was_kept_and_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(tmp_path / "sdk").client("ec2", region="eu-central-1")
    monkeypatch.setattr(JSONFileLoader, "load_file", _without_the_largest(JSONFileLoader.load_file))
    client = login(tmp_path / "sdk").client("ec2", region="eu-central-1")
    assert client.meta.endpoint_url == "https://ec2.eu-central-1.amazonaws.com"
    with Stubber(client) as answers:
        answers.add_response("describe_vpcs", {"Vpcs": [{"VpcId": "vpc-1"}]})
        (page,) = client.get_paginator("describe_vpcs").paginate()
    assert page["Vpcs"] == [{"VpcId": "vpc-1"}]
    assert not hasattr(client, "run_instances")


def _without_the_largest(load: Any) -> Any:
    def load_file(self: object, path: str) -> Any:
        assert not path.endswith(("ec2/2016-11-15/service-2", "/endpoints")), "it was kept"
        return load(self, path)

    return load_file


def test_partitions_and_services_that_are_not_cut_stay(tmp_path: Path) -> None:
    there = login(tmp_path)
    assert there.client("ec2", region="cn-north-1").meta.endpoint_url.endswith(".amazonaws.com.cn")
    assert there.client("iam", region="us-gov-west-1").meta.partition == "aws-us-gov"
    whole = set(Session().get_service_model("sqs").operation_names)
    assert set(there.client("sqs", region="us-east-1").meta.service_model.operation_names) == whole


def test_what_is_kept_is_the_owners_alone_and_a_damaged_file_is_read_anew(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        login(tmp_path / "sdk").client("iam", region="us-east-1")
    finally:
        os.umask(before)
    assert (tmp_path / "sdk").stat().st_mode & 0o777 == 0o700
    for kept in (tmp_path / "sdk").iterdir():
        assert kept.stat().st_mode & 0o777 == 0o600
        kept.write_text(kept.read_text()[:100])
    assert login(tmp_path / "sdk").client("iam", region="us-east-1").meta.service_model.operation_names
    for kept in (tmp_path / "sdk").iterdir():
        json.loads(kept.read_text())


def test_a_folder_that_can_not_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "sdk").write_text("a file")
    assert login(tmp_path / "sdk").client("iam", region="us-east-1").meta.service_model.operation_names


def test_another_version_of_the_sdk_is_read_anew(tmp_path: Path) -> None:
    name = tmp_path / "data" / "iam" / "2010-05-08" / "service-2"
    name.parent.mkdir(parents=True)
    whole: Any = create_loader().load_service_model("iam", "service-2")
    name.with_name("service-2.json").write_text(json.dumps(whole))
    loader = CutDescriptions(tmp_path / "sdk")
    assert "GetRole" in loader.load_file(str(name))["operations"]
    del whole["operations"]["GetRole"]
    name.with_name("service-2.json").write_text(json.dumps(whole))
    assert "GetRole" not in loader.load_file(str(name))["operations"]
