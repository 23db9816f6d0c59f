"""Shortened values: what differs stays visible, and they fit."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st
from rich.cells import cell_len

from kops_tui.shortened import LEAST, shortened_pair

_SIGNS = st.sampled_from("abx.:/ -…~漢字é\u0301")
_TEXTS = st.text(_SIGNS, max_size=60)


@given(st.tuples(_TEXTS, _TEXTS, _TEXTS, _TEXTS), st.integers(LEAST, 40), st.sampled_from(["…", "~"]))
def test_two_values_that_differ_still_do_and_fit(
    parts: tuple[str, str, str, str], cells: int, more: str
) -> None:
    head, one, other, tail = parts
    assume(one != other)
    before, after = head + one + tail, head + other + tail
    shown = shortened_pair(before, after, cells, more)
    assert all(cell_len(text) <= cells for text in shown)
    assert shown[0] != shown[1]


def test_what_fits_is_left_alone_and_what_is_equal_around_the_difference_is_left_out() -> None:
    assert shortened_pair("1.35.7", "1.36.3", 6) == ("1.35.7", "1.36.3")
    url = "https://artifacts.k8s.io/binaries/kops/1.37.0/linux/{}/protokube,https://github.com/kubernetes"
    before, after = shortened_pair(url.format("amd64"), url.format("arm64"), 30)
    assert "linux/amd64/" in before
    assert "linux/arm64/" in after
    assert (before[0], before[-1]) == ("…", "…")
    assert shortened_pair("a" * 50, "a" * 51, 10) == ("…aaaaaa", "…aaaaaaa")
    assert shortened_pair("b" + "a" * 50, "c" + "a" * 50, 6) == ("baaaa…", "caaaa…")
