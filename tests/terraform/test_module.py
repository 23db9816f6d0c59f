"""The Terraform target; ``python -m tests.conformance terraform`` compares every case of the corpus."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import hcl2
import pytest

from kops_core.cloud.aws.model import AWS
from kops_core.cloud.aws.resources import KINDS
from kops_core.cloud.aws.terraform.render import ARGUMENTS, MODULE, render, sections
from kops_core.cloud.aws.terraform.scope import Objects
from kops_core.cloud.aws.terraform.target import terraform_settings
from kops_core.cloud.terraform.hcl import Block, DataFile, Entry, Expression, Section, arguments, text_of
from kops_core.cloud.terraform.module import write_module
from kops_core.errors import UsageError
from kops_core.infer.complete import infer
from kops_core.model.kind_spec import Phase, TerraformName
from kops_core.model.lifecycles import read_overrides, read_phase, with_lifecycles
from kops_core.model.resolve import Unresolved
from kops_core.model.resource import Lifecycle
from tests.conformance.resources import desired
from tests.conformance.terraform import data_differences, differences, names, text_differences
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import SUITES, inputs
from tests.terraform.module import kops_module, parsed, settings

SAMPLE = [(suite, name) for suite in SUITES for name in names(suite)[::24]]


@pytest.mark.parametrize(("suite", "name"), SAMPLE)
def test_modules_are_those_of_kops(suite: str, name: str) -> None:
    assert list(differences(suite, name)) == []
    assert list(data_differences(suite, name)) == []
    assert list(text_differences(suite, name)) == []


@pytest.mark.full
def test_the_text_says_what_the_values_say() -> None:
    state = desired("upstream/update", "minimal-ipv6")
    inference = infer(inputs(corpus_dir() / "upstream/update" / "minimal-ipv6", "upstream/update"))
    files = render(state, settings("upstream/update", inference))
    text = files[MODULE].decode()
    found = hcl2.load(io.StringIO(text))
    expected = parsed(sections(state, settings("upstream/update", inference)))
    assert len(found["resource"]) == sum(map(len, expected["resource"].values()))
    for data in (name for name in files if name != MODULE):
        assert f'"${{path.module}}/{data}"' in text


def test_every_kind_is_written_or_said_why_not() -> None:
    assert {each for each in KINDS.values() if isinstance(each.spec.terraform, TerraformName)} == set(
        ARGUMENTS
    )


def test_text_is_aligned_and_escaped_as_terraform_fmt_leaves_it() -> None:
    body = arguments(
        a='quote " back \\ line\n ${not} %{this}',
        bcd=Expression("aws_vpc.main.id"),
        block=Block(arguments(size=1)),
        content=DataFile("x_content", "secret"),
        empty=(),
        flag=False,
        many=[Block(arguments(n=1)), Block(arguments(n=2))],
        tags={"b/c": "2", "a": "1"},
        unset=None,
        zones=("x", "y"),
    )
    assert text_of([Section("resource", ("t", "n"), body)]) == (
        'resource "t" "n" {\n'
        '  a   = "quote \\" back \\\\ line\\n $${not} %%{this}"\n'
        "  bcd = aws_vpc.main.id\n"
        "  block {\n"
        "    size = 1\n"
        "  }\n"
        '  content = file("${path.module}/data/x_content")\n'
        "  flag    = false\n"
        "  many {\n    n = 1\n  }\n"
        "  many {\n    n = 2\n  }\n"
        "  tags = {\n"
        '    "a"   = "1"\n'
        '    "b/c" = "2"\n'
        "  }\n"
        '  zones = ["x", "y"]\n'
        "}\n"
    )


def _phases(phase: Phase | None, *overrides: str) -> dict[str, dict[str, object]]:
    case = corpus_dir() / "upstream/update" / "lifecycle_phases"
    state = with_lifecycles(
        desired("upstream/update", case.name), phase, read_overrides(overrides, AWS.kinds)
    )
    found: dict[str, dict[str, object]] = parsed(
        sections(state, settings("upstream/update", infer(inputs(case, "upstream/update"))))
    )
    return found


def test_where_tags_would_be_lines_are_parted_as_kops_parts_them() -> None:
    empty: tuple[Entry | None, ...] = (None, {})
    for tags in empty:
        text = text_of([Section("resource", ("a", "b"), arguments(longer_name=1, tags=tags, vpc_id=2))])
        assert text == 'resource "a" "b" {\n  longer_name = 1\n  vpc_id = 2\n}\n'


def test_users_may_write_expressions_for_their_provider() -> None:
    state = desired("upstream/update", "minimal-aws")
    inference = infer(inputs(corpus_dir() / "upstream/update" / "minimal-aws", "upstream/update"))
    given = replace(settings("upstream/update", inference), provider={"profile": "${var.profile}"})
    assert '  profile = "${var.profile}"\n' in render(state, given)[MODULE].decode()


def test_the_network_phase_is_that_of_kops() -> None:
    """The corpus' files of the other phases were written by kOps' of years ago, which it no longer tests."""
    expected = kops_module(corpus_dir() / "upstream/update" / "lifecycle_phases" / "network-kubernetes.json")
    found = _phases(Phase.NETWORK)
    assert found["resource"] == expected["resource"]
    assert "aws.files" not in str(found["terraform"])


def test_the_security_phase_refers_to_the_network_and_makes_no_part_of_it() -> None:
    found = _phases(Phase.SECURITY)["resource"]
    assert set(found) == {
        "aws_iam_instance_profile",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_key_pair",
        "aws_security_group",
        "aws_security_group_rule",
    }


def test_the_cluster_phase_wants_what_earlier_phases_made() -> None:
    with pytest.raises(Unresolved, match="has to exist"):
        _phases(Phase.CLUSTER)


def test_overrides_leave_out_a_kind_and_keep_references_to_it() -> None:
    found = _phases(None, "SecurityGroup=Ignore")["resource"]
    assert "aws_security_group" not in found
    assert "aws_security_group.masters-lifecyclephases-example-com.id" in str(found["aws_launch_template"])


@pytest.mark.parametrize("text", ["SecurityGroup", "SecurityGroups=Ignore", "VPC=Sometimes", "=Ignore"])
def test_overrides_that_would_do_nothing_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_overrides([text], AWS.kinds)


def test_phases_by_their_names() -> None:
    assert [read_phase(each) for each in ("", "Network", "iam")] == [None, Phase.NETWORK, Phase.SECURITY]
    with pytest.raises(UsageError, match="no phase"):
        read_phase("networks")
    assert read_overrides(["VPC=Ignore"], AWS.kinds) == {"VPC": Lifecycle.IGNORE}


def test_files_of_two_regions_are_refused() -> None:
    case = corpus_dir() / "upstream/update" / "minimal-aws"
    given = settings("upstream/update", infer(inputs(case, "upstream/update")))
    elsewhere = replace(given.objects(None), region="eu-west-1")
    split = replace(given, objects=lambda base: elsewhere if base else given.objects(base))
    with pytest.raises(UsageError, match="one provider writes to one region"):
        sections(desired("upstream/update", "minimal-aws"), split)


def test_a_module_comes_to_disk_whole_and_spares_files_of_others(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("mine")
    files = {"kubernetes.tf": b"one", "data/x_content": b"two"}
    write_module(files, tmp_path)
    write_module({**files, "kubernetes.tf": b"three"}, tmp_path)
    found = {
        str(each.relative_to(tmp_path)): each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()
    }
    assert found == {"main.tf": b"mine", "kubernetes.tf": b"three", "data/x_content": b"two"}


def test_settings_of_a_cluster_are_read_from_its_spec_and_facts() -> None:
    case = corpus_dir() / "generated" / "case000"
    found = terraform_settings(
        infer(inputs(case, "generated")), lambda ref: None, lambda name: ("us-east-1", None)
    )
    assert found.region == "us-east-1"
    assert found.objects(None) == Objects("kops-state", "c000.example.com", "us-east-1", None)
    assert found.zone_vpcs["ZPRIVATEEXAMPLE"] == ("vpc-0shared0000000000",)
    with pytest.raises(UsageError, match="S3 only"):
        found.objects("file:///state")
