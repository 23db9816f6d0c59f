"""Which version an upgrade proposes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kops_core.api.semver import Version, parse
from kops_core.api.values import Value
from kops_core.infer.reader import Reader
from kops_core.infer.rules import RuleBook
from kops_core.infer.sheet import Sheet
from kops_core.infer.upgrade import next_kubernetes


@given(
    current=st.builds(Version, st.just(1), st.integers(28, 38), st.integers(0, 20)),
    kops=st.integers(28, 38),
    known=st.dictionaries(st.integers(28, 38), st.integers(0, 20)),
)
def test_no_recommendation_skips_a_release_or_is_newer_than_kops(
    current: Version, kops: int, known: dict[int, int]
) -> None:
    rows: list[Value] = [
        {"range": f">=1.{minor}.0 <1.{minor + 1}.0", "recommendedVersion": f"1.{minor}.{patch}"}
        for minor, patch in known.items()
    ]
    sheet = Sheet({"channel": {"spec": {"kubernetesVersions": rows}}}, RuleBook(()))
    found = next_kubernetes(Reader(sheet), current, f"1.{kops}.0")
    if current.minor not in known:
        assert found is None
        return
    following = current.minor + 1
    ahead = following in known and following <= kops
    assert found == parse(
        f"1.{following}.{known[following]}" if ahead else f"1.{current.minor}.{known[current.minor]}"
    )
