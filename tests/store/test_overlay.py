"""The overlay: changes are visible through it and never reach the store below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.errors import KopsError
from kops_core.store.backend import Backend
from kops_core.store.memory import MemoryBackend
from kops_core.store.overlay import OverlayBackend

_KEYS = st.sampled_from(["a", "b/c", "b/d", "b/e/f"])
_DATA = st.sampled_from([b"1", b"2"])
_DEEDS = st.lists(
    st.tuples(st.sampled_from(["create", "put", "replace", "delete", "delete as read"]), _KEYS, _DATA)
)


def _do(store: Backend, deed: str, key: str, data: bytes) -> str:
    """What came of it."""
    try:
        match deed:
            case "create":
                store.create(key, data)
            case "put":
                store.put(key, data)
            case "replace":
                store.replace(key, data, store.read(key).etag)
            case "delete":
                store.delete(key)
            case _:
                store.delete(key, store.read(key).etag)
    except KopsError as error:
        return type(error).__name__
    return ""


def _seen(store: Backend) -> dict[str, object]:
    keys = list(store.keys())
    return {
        "keys": keys,
        "children": {folder: sorted(map(str, store.children(folder))) for folder in ("", "b", "b/e", "x")},
        "data": [store.read(key).data for key in keys],
    }


@given(st.dictionaries(_KEYS, _DATA), _DEEDS)
def test_it_does_all_that_a_store_does_and_leaves_the_one_below_alone(
    there: dict[str, bytes], deeds: list[tuple[str, str, bytes]]
) -> None:
    below, alike = MemoryBackend(), MemoryBackend()
    for key, data in there.items():
        below.put(key, data)
        alike.put(key, data)
    before = _seen(below)
    overlay = OverlayBackend(below)
    for deed in deeds:
        assert _do(overlay, *deed) == _do(alike, *deed)
        assert _seen(overlay) == _seen(alike)
    assert _seen(below) == before
    assert overlay.url == below.url


def test_an_etag_of_below_is_good_until_it_is_written_over() -> None:
    below = MemoryBackend()
    below.put("a", b"1")
    overlay = OverlayBackend(below)
    etag = overlay.read("a").etag
    overlay.replace("a", b"2", etag)
    with pytest.raises(KopsError, match="no longer"):
        overlay.replace("a", b"3", etag)
    assert below.read("a").data == b"1"
