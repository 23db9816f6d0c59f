"""Numbers of thousands of digits, which Python does not read: refused with a reason, or not numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kops_core.api import canonical, duration, path, quantity
from kops_core.api.set_expression import set_field
from kops_core.api.values import Tree
from kops_core.errors import KopsError
from kops_core.infer.create.flags import from_flags
from kops_core.validate import formats
from kops_core.validate.field import Field

_MANY = "9" * 5000
_CLUSTER: Tree = {"kind": "Cluster", "spec": {"etcdClusters": [{"name": "main"}]}}


@pytest.mark.parametrize(
    "read",
    [
        lambda: quantity.parse(_MANY),
        lambda: quantity.parse(f"1e{_MANY}"),
        lambda: duration.parse(f"{_MANY}h"),
        lambda: set_field(_CLUSTER, "Cluster", "spec.kubelet.maxPods", _MANY),
        lambda: set_field(_CLUSTER, "Cluster", f"spec.etcdClusters[{_MANY}].name", "x"),
        lambda: from_flags(["--node-count", _MANY]),
    ],
)
def test_they_are_refused(read: Callable[[], object]) -> None:
    with pytest.raises(KopsError):
        read()


@pytest.mark.parametrize("text", [_MANY, f"1-{_MANY}", "²", "+-+1%", f"{_MANY}%", "²%", f"/{_MANY}#1"])
def test_they_are_no_ports_shares_or_ranges(text: str) -> None:
    assert formats.port_range(text) is None
    assert formats.scaled(Field(text), 1, round_up=True) is None
    assert formats.ipv6_share(text) is None
    assert formats.network(f"1.2.3.4/{text}") is None


def test_what_follows_a_duration_s_twentieth_digit_makes_no_difference() -> None:
    assert duration.parse(f"1.5{'0' * 5000}h") == duration.parse("1h30m")
    assert duration.parse(f"{'0' * 5000}1s") == duration.parse("1s")


def test_keys_are_sorted_by_their_numbers_however_long() -> None:
    assert path.parse(f"a[{_MANY}]") == ("a", _MANY)
    text = canonical.emit({f"a{_MANY}": 1, "a10": 2, "a9": 3})
    assert [line[:3] for line in text.splitlines() if line.startswith(("a", "?"))][:2] == ["a9:", "a10"]
