"""The boot script fetches nodeup from Amazon S3, with a real curl and a server that checks signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kops_core.plan.user_data import boot_of
from tests.model.boot_machine import NODEUP, boot, expecting, needs_tools, packed, script_with
from tests.model.ec2_on_loopback import METADATA_IPV6, Surroundings, surrounded

pytestmark = [pytest.mark.full, needs_tools]
BUCKET = "s3://files/a+b"
OBJECT = "files/a+b/binaries/kops/1.34.0-beta.1/linux/amd64/nodeup.xz"
ESCAPED = OBJECT.replace("+", "%2B")
S3 = "s3.us-test-1.amazonaws.com"


def _there() -> Surroundings:
    return Surroundings({OBJECT: packed(NODEUP)})


@dataclass(frozen=True)
class Ran:
    """What came of a boot."""

    lines: list[str]
    """What the script wrote."""
    commands: str
    """The command lines of curl, as other processes can see them."""
    asked: list[str]
    """What S3 was asked for, with the status of its answers."""
    metadata: list[str]

    @property
    def booted(self) -> bool:
        return self.lines[-1].startswith("--install-systemd-unit")


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Ran]:
    def run(there: Surroundings, bucket: str = BUCKET, machine: str = "x86_64", proxy: int = 0) -> Ran:
        script = script_with(
            assets={"fileRepository": bucket},
            egressProxy={"httpProxy": {"host": "127.0.0.1", "port": proxy}} if proxy else None,
        )
        with surrounded(there, tmp_path) as curl:
            ran = boot(tmp_path, expecting(script, NODEUP), curl, machine=machine)
        assert ran.stdout, ran.stderr
        of_s3 = [each for each in there.asked if each.startswith("s3.")]
        of_metadata = [each for each in there.asked if each not in of_s3]
        return Ran(ran.stdout.splitlines(), (tmp_path / "curl").read_text(), of_s3, of_metadata)

    return run


@pytest.mark.parametrize("token", ["IQoJb3JpZ2luX2Vj%/+==", ""], ids=["session token", "no token"])
def test_nodeup_comes_from_a_bucket_with_the_machines_role(run: Callable[..., Ran], token: str) -> None:
    there = replace(_there(), token=token)
    ran = run(there)
    assert ran.booted
    assert ran.asked == [f"{S3}/{ESCAPED} 200"]
    for secret in (there.secret, token):
        assert not secret or secret not in ran.commands


def test_a_request_that_is_signed_with_another_secret_is_refused(run: Callable[..., Ran]) -> None:
    ran = run(replace(_there(), offered_secret="another"))
    assert not ran.booted
    assert ran.asked == [f"{S3}/{ESCAPED} 403"] * 2
    assert f"boot: {S3} answers with status 403" in ran.lines


@pytest.mark.parametrize("folder", ["with space", "grün/日本", "100%/a&b=c", "~tilde/(x)/it's"], ids=str)
def test_a_key_is_signed_as_it_is_sent(run: Callable[..., Ran], folder: str) -> None:
    there = Surroundings({OBJECT.replace("a+b", folder): packed(NODEUP)})
    assert run(there, f"s3://files/{folder.replace('%', '%25')}").booted


def test_a_bucket_of_another_region_is_asked_there(run: Callable[..., Ran]) -> None:
    ran = run(replace(_there(), bucket_region="eu-test-2"))
    assert ran.booted
    assert ran.asked == [f"{S3}/{ESCAPED} 301", f"s3.eu-test-2.amazonaws.com/{ESCAPED} 200"]


def test_other_partitions_have_other_domains(run: Callable[..., Ran]) -> None:
    ran = run(replace(_there(), domain="amazonaws.com.cn"))
    assert ran.booted
    assert ran.asked == [f"{S3}.cn/{ESCAPED} 200"]


def test_each_architecture_has_its_own_program(run: Callable[..., Ran]) -> None:
    there = Surroundings({OBJECT.replace("amd64", "arm64"): packed(NODEUP)})
    ran = run(there, machine="aarch64")
    assert ran.booted
    assert ran.asked == [f"{S3}/{ESCAPED.replace('amd64', 'arm64')} 200"]


def test_a_service_that_is_away_for_a_moment_is_asked_again(run: Callable[..., Ran]) -> None:
    ran = run(replace(_there(), unavailable={"s3": 2, "metadata": 1}))
    assert ran.booted
    assert [each[-3:] for each in ran.asked] == ["503", "503", "200"]
    assert [each[-3:] for each in ran.metadata][:2] == ["503", "200"]


def test_what_is_no_object_is_not_taken_for_one(run: Callable[..., Ran]) -> None:
    ran = run(Surroundings({}))
    assert not ran.booted
    assert f"boot: {S3} answers with status 404" in ran.lines
    assert not any("xz" in line and "not" in line for line in ran.lines)


def test_a_machine_without_ipv4_asks_its_metadata_over_ipv6(run: Callable[..., Ran]) -> None:
    ran = run(replace(_there(), metadata_host=METADATA_IPV6))
    assert ran.booted
    assert {each.split("/")[0] for each in ran.metadata} == {METADATA_IPV6}


def test_a_machine_without_a_role_says_so(run: Callable[..., Ran]) -> None:
    ran = run(replace(_there(), roles=()))
    assert not ran.booted
    assert "boot: no role or region in the instance metadata" in ran.lines
    assert ran.asked == []


def test_metadata_is_never_asked_for_through_a_proxy(run: Callable[..., Ran]) -> None:
    ran = run(replace(_there(), metadata_host=METADATA_IPV6), proxy=9)
    assert not ran.booted, "the proxy is away, so S3 can't be reached"
    assert ran.asked == []
    assert [each[-3:] for each in ran.metadata] == ["200"] * 10


def test_plans_read_from_the_script_what_it_fetches() -> None:
    plain, from_bucket = boot_of(script_with()), boot_of(script_with(assets={"fileRepository": BUCKET}))
    assert plain is not None
    assert from_bucket is not None
    assert from_bucket.places["AMD64"] == f"s3://{ESCAPED.removesuffix('.xz')}"
    assert (from_bucket.hashes, from_bucket.variables) == (plain.hashes, plain.variables)
