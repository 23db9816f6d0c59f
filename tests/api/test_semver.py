"""Versions as kOps reads and compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.api.semver import Version, in_range, parse, parse_kubernetes, parse_tolerant

_VERSIONS = st.builds(
    Version,
    st.integers(0, 3),
    st.integers(0, 40),
    st.integers(0, 20),
    st.sampled_from(["", "alpha", "alpha.1", "alpha.beta", "beta", "beta.2", "beta.11", "rc.1"]),
)


def test_the_order_of_the_standard() -> None:
    texts = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
    ]
    versions = [parse(text) for text in (*texts, "1.0.0-rc.1", "1.0.0")]
    found = [version for version in versions if version is not None]
    assert found == sorted(found)
    assert len(set(found)) == len(versions)


@given(_VERSIONS)
def test_a_version_is_its_text(version: Version) -> None:
    assert parse(str(version)) == version
    assert parse_tolerant(f" v{version} ") == version


@given(_VERSIONS, _VERSIONS)
def test_ranges_agree_with_the_order(one: Version, other: Version) -> None:
    assert in_range(one, f">={other}") == (one >= other)
    assert in_range(one, f"<{other}") == (one < other)
    assert in_range(one, f">={other} <{other}") is False
    assert in_range(one, f"<{other} || >= {other}") is True
    assert in_range(one, str(other)) == (one == other)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.36", Version(1, 36)),
        ("v1.36.0+build", Version(1, 36)),
        ("01.36.0", Version(1, 36)),
        ("1.36-alpha.1", None),
        ("1." + "9" * 5000, None),
        ("1.2.3-alpha." + "9" * 5000, None),
        ("newest", None),
        ("", None),
    ],
)
def test_tolerance(text: str, version: Version | None) -> None:
    assert parse_tolerant(text) == version


def test_the_address_of_a_build_names_the_minor_version() -> None:
    address = "https://storage.example.com/k8s-release-dev/ci/v1.36.0-alpha.0.615+cc55e34"
    assert parse_kubernetes(address) == Version(1, 36)
    assert parse_kubernetes("https://example.com/latest") is None


@pytest.mark.parametrize("text", ["1.2", "v1.2.3", "01.2.3", "1.2.3.4", "1.2.x"])
def test_full_versions_only(text: str) -> None:
    assert parse(text) is None


def test_a_range_that_can_not_be_read_holds_nothing() -> None:
    assert not in_range(Version(1, 2), "")
    assert not in_range(Version(1, 2), ">=new")
