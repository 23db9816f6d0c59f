"""The form of a new cluster: its words are those of ``create cluster``, and so is what it stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kops_core import (
    CREATE_FLAGS,
    Engine,
    FieldError,
    InvalidSpec,
    KopsError,
    MissingFact,
    Settings,
    UsageError,
    get_path,
)
from kops_core.infer.create.flags import from_flags
from kops_core.infer.create.options import CreateOptions
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.create import CreatePage
from kops_tui.screens.create_form import FIELDS, commands_of, problems_of, words_of
from kops_tui.screens.create_plan import CreatePlanPage
from kops_tui.screens.machine_types import NewMachinePage
from tests.tui.driver import SIZES, AppDriver, press_enter_often, run_app

NEW = "new.example.com"
ZONES = "us-east-1a,us-east-1b"


def test_words_are_read_as_the_options_that_were_typed() -> None:
    values = {
        "name": NEW,
        "zones": ZONES,
        "node-count": "4",
        "ipv6": "true",
        "encrypt-etcd-storage": "false",
        "cloud-labels": "team=core,cost center=42",
        "spec.certManager.enabled": "true",
        "set": "cluster.spec.channel=alpha",
    }
    assert from_flags(words_of(values)) == CreateOptions(
        cluster_name=NEW,
        zones=("us-east-1a", "us-east-1b"),
        node_count=4,
        ipv6=True,
        encrypt_etcd_storage=False,
        cloud_labels="team=core,cost center=42",
        sets=("cluster.spec.certManager.enabled=true", "cluster.spec.channel=alpha"),
    )


def test_every_field_is_a_flag_that_a_run_without_feature_flags_has() -> None:
    flags = {flag.name for flag in CREATE_FLAGS if not flag.feature and not flag.instead}
    fields = [field for _, section in FIELDS for field in section]
    assert {field.flag for field in fields} <= flags
    assert len({field.key for field in fields}) == len(fields)


def test_commands_can_be_pasted_into_a_shell() -> None:
    ours, kops = commands_of({"name": NEW, "cloud-labels": "a=b c"}, "s3://store")
    assert ours == f"kops-tui create cluster {NEW} '--cloud-labels=a=b c' --state=s3://store"
    assert kops == ours.replace("kops-tui", "kops")


VALUES = {"node-size": "m5.large,m9.huge", "ssh-public-key": "~/none.pub"}


def refused(path: str, source: str = "") -> InvalidSpec:
    """An error of one field of a spec."""
    return InvalidSpec([FieldError("Invalid value", path, "not that", source=source)])


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (UsageError("no zone was given", where="--zones"), "zones"),
        (UsageError("more than one name", where="a b"), ""),
        (UsageError("the SSH public key can't be read", where="~/none.pub"), "ssh-public-key"),
        (refused("spec.networkCIDR"), "network-cidr"),
        (refused("spec.sshAccess[0]"), "ssh-access"),
        (refused("spec.metricsServer.insecure"), "spec.metricsServer.enabled"),
        (refused("spec.topology.dns.type"), "dns"),
        (refused("spec.image", "InstanceGroup nodes-us-east-1a"), "image"),
        (refused("spec.machineType", "InstanceGroup control-plane-us-east-1a"), "control-plane-size"),
        (refused("spec.nowhere"), ""),
        (MissingFact('facts.instanceTypes["m9.huge"].architectures'), "node-size"),
    ],
)
def test_an_error_is_shown_at_the_field_that_it_is_about(error: KopsError, field: str) -> None:
    assert list(problems_of(error, VALUES)) == [field]


def test_of_two_fields_that_decide_the_same_the_typed_one_has_the_error() -> None:
    subnets = refused("spec.subnets[0].zone")
    assert list(problems_of(subnets, {"zones": "us-east-1a"})) == ["zones"]


async def fill(driver: AppDriver, *texts: str) -> None:
    """Type into the fields from the cursor on, one after the other."""
    for text in texts:
        await driver.press("enter")
        await driver.type(text)
        await driver.press("enter")


@pytest.mark.full
async def test_a_cluster_is_created_by_keys(sandboxed: Settings) -> None:
    engine = Engine(sandboxed)
    async with run_app(engine, (120, 40), now=datetime.now(UTC)) as driver:
        await driver.until("as applied")
        await driver.press("n")
        assert "the cluster has no name" in driver.text
        await fill(driver, "small.example.com")
        assert "there is such a cluster already" in driver.text
        await driver.press("k", "u")
        await fill(driver, NEW, "us-east-1a,us-east-1")
        await driver.press("k", "enter", "down", "enter")  # the next zone that is not in the list already
        page = driver.app.screen
        assert isinstance(page, CreatePage)
        assert page.values == {"name": NEW, "zones": ZONES}
        assert "172.20.0.0/16 with 2 subnets in us-east-1a,us-east-1b, cilium, DNS None" in driver.text
        assert "nodes 2 x t3.medium" in driver.text
        assert "1.36.3" in driver.text, "the inferred version"

        await driver.press("slash")
        await driver.type("machine")
        await driver.press("enter", "G")
        await fill(driver, "m9.huge")
        assert "the cloud does not know m9.huge" in driver.text
        await driver.press("s")
        assert "not complete" in driver.text
        await driver.press("enter", "ctrl+u")
        await driver.type("m5.large")
        await driver.press("enter")
        assert "nodes 2 x m5.large" in driver.text
        await driver.press("m")
        assert isinstance(driver.app.screen, NewMachinePage)
        await driver.press("slash")
        await driver.type("m5.2xl")
        await driver.press("enter", "enter")
        assert "nodes 2 x m5.2xlarge" in driver.text, "what was chosen from the list"
        await driver.press("enter", "ctrl+u")
        await driver.type("m5.large")
        await driver.press("enter", "slash", "ctrl+u", "enter")
        await driver.until("resources: ")
        assert f"kops create cluster {NEW} --zones={ZONES} --node-size=m5.large" in driver.text

        await driver.press("escape")
        assert not driver.shows(CreatePage)
        await driver.press("n")
        await driver.until("resources: ")
        assert "m5.large" in driver.text, "what was typed is still there"
        await driver.press("P")
        assert driver.shows(CreatePlanPage)
        assert "launch templates  + 3" in driver.text
        assert "cidr_block" not in driver.text
        await driver.press("g", "enter", "n")
        assert "cidr_block" in driver.text, "the keys of a plan: the next change is open"
        await driver.press("escape", "s")
        assert "Store the new cluster" in driver.text
        assert NEW not in engine.fleet.names()
        await press_enter_often(driver)
        assert NEW not in engine.fleet.names()
        await driver.press("escape", "s", "y")  # the last Enter opened a field
        await driver.settle()
        assert driver.shows(ClusterPage)
        assert NEW in driver.lines[1]
        words = [NEW, "--zones", "us-east-1a", "--zones", "us-east-1b", "--node-size", "m5.large"]
        made = engine.make_cluster(engine.create_options(words))
        stored = engine.stored(NEW)
        assert stored.cluster["spec"] == made.cluster["spec"]
        assert {name: group["spec"] for name, group in stored.instance_groups.items()} == {
            str(get_path(group, ("metadata", "name"))): group["spec"] for group in made.instance_groups
        }
        await driver.press("escape")
        await driver.until("never applied")
        await driver.press("n")
        assert "m5.large" not in driver.text, "the next one begins anew"


@pytest.mark.full
async def test_what_the_form_looks_like(sandboxed_once: Settings) -> None:
    async with run_app(Engine(replace(sandboxed_once, operator="ops@bastion"))) as driver:
        await driver.press("n")
        await fill(driver, NEW, ZONES)
        await driver.press("j", "j", "j", "j", "j", "j")
        await fill(driver, "nonesuch")
        await driver.press("k")
        for size in SIZES:
            await driver.resize(size)
            driver.snapshot("create-refused")
        await driver.press("u")
        await driver.until("resources: ")
        for size in SIZES:
            await driver.resize(size)
            driver.snapshot("create")


@pytest.mark.full
async def test_a_read_only_session_looks_and_stores_nothing(sandboxed_once: Settings) -> None:
    engine = Engine(replace(sandboxed_once, write=False))
    async with run_app(engine, now=datetime.now(UTC)) as driver:
        driver.app.session.record_store(NEW, sandboxed_once.stores[0])  # deleted since: its name is free
        await driver.press("colon")
        await driver.type(f"create {NEW}")
        await driver.press("enter", "j")
        await fill(driver, "us-east-1a")
        await driver.until("resources: ")
        await driver.press("s")
        assert "read-only" in driver.text
        assert NEW not in engine.fleet.names()
