"""Every flag of create cluster sets the option that its name says, and only that."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from kops_core.infer.create.flags import FLAGS, Flag, Kind, from_flags
from kops_core.infer.create.options import CreateOptions

_FEATURES = sorted({flag.feature for flag in FLAGS if flag.feature})
_OPTIONS = {
    "name": "cluster_name",
    "cloud": "cloud_provider",
    "out": "out_dir",
    "discovery-service": "public_discovery_service_url",
    "dns": "dns_type",
    "api-loadbalancer-type": "api_load_balancer_type",
    "subnets": "subnet_ids",
    "utility-subnets": "utility_subnet_ids",
    "network-cidr": "network_cidrs",
    "kcm-count": "kube_controller_manager_count",
    "kcm-size": "kube_controller_manager_sizes",
    "set": "sets",
    "unset": "unsets",
    "add": "addon_paths",
    "vpc": "network_id",
    "override": "sets",
    "master-public-name": "api_public_name",
}
"""The options of flags that are named otherwise."""


def _option(name: str) -> str:
    """The option that a flag's name says: machine types are several, and a master is a control plane."""
    plain = name.replace("master-", "control-plane-").replace("-", "_")
    return _OPTIONS.get(name, plain + "s" if plain.endswith("_size") and "volume" not in plain else plain)


def _value(flag: Flag) -> tuple[str, object]:
    """A word for a flag that is not its default, and what is to be made of it."""
    match flag.kind:
        case Kind.TEXT:
            return "some text", "some text"
        case Kind.NUMBER:
            return "7", 7
        case Kind.SWITCH:
            return "true", True
        case Kind.LIST | Kind.ASSIGNMENTS:
            return "one=1,two", ("one=1", "two")


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: str(flag.name))
def test_a_flag_that_is_given_changes_its_option_and_no_other(flag: Flag) -> None:
    word, value = _value(flag)
    expected = {**asdict(CreateOptions()), _option(flag.name): value}
    assert expected != asdict(CreateOptions())
    assert asdict(from_flags([f"--{flag.name}={word}"], _FEATURES)) == expected
    words = [f"--{flag.name}"] if flag.kind is Kind.SWITCH else [f"--{flag.name}", word]
    assert asdict(from_flags(words, _FEATURES)) == expected
    if flag.short:
        assert asdict(from_flags([f"-{flag.short}={word}"], _FEATURES)) == expected


def test_every_option_but_one_has_a_flag_and_few_have_a_letter() -> None:
    options = set(asdict(CreateOptions()))
    assert options - {_option(flag.name) for flag in FLAGS} == {"egress"}, "kOps has no flag for it either"
    letters = {flag.short: flag.name for flag in FLAGS if flag.short}
    assert letters == {"y": "yes", "o": "output", "t": "topology"}


@pytest.mark.parametrize(
    "flag", [each for each in FLAGS if each.kind is Kind.SWITCH], ids=lambda each: each.name
)
@pytest.mark.parametrize(
    ("word", "value"), [("1", True), ("T", True), ("0", False), ("f", False), ("False", False)]
)
def test_switches_are_turned_off_in_the_words_of_go(flag: Flag, word: str, value: bool) -> None:
    options = asdict(from_flags([f"--{flag.name}={word}"], _FEATURES))
    assert options[_option(flag.name)] is value
