"""Which keypair of a keyset is promoted, distrusted, and what its id is: for any keyset."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.errors import UsageError
from kops_core.store import rotation
from kops_core.store.certificates import new_serial
from kops_core.store.keysets import Keyset, KeysetItem, age_of
from kops_core.store.pem import facts_of
from kops_core.store.secret import Secret
from tests.store.documents import NOW
from tests.store.test_rotation import NAME, authority

items = st.lists(
    st.builds(
        KeysetItem,
        st.sampled_from(["1", "2", "10", "30", "9", "abc"]),
        st.sampled_from([b"", b"certificate"]),
        st.sampled_from([None, Secret(b"key")]),
        st.sampled_from([None, NOW]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each.id,
)


@given(items, st.integers(0, 4))
def test_the_newest_that_signs_and_is_trusted_is_promoted(found: list[KeysetItem], at: int) -> None:
    primary = found[at % len(found)]
    keyset = Keyset(NAME, primary.id, tuple(found))
    fit = [
        int(each.id)
        for each in found
        if each.id.isdecimal() and each.private_key and each.certificate and not each.distrusted_at
    ]
    best = str(max(fit)) if fit else primary.id
    if best == primary.id:
        assert rotation.promoted(keyset) is keyset
        return
    promoted = rotation.promoted(keyset)
    assert promoted.primary_id == best
    assert promoted.items == keyset.items


@given(st.lists(st.sampled_from(["1", "2", "10", "030", "abc", "b", "-1"]), unique=True))
def test_ids_sort_by_age_and_those_that_are_no_numbers_are_the_oldest(ids: list[str]) -> None:
    ordered = sorted(ids, key=age_of)
    numbers = [each for each in ordered if each.isdecimal()]
    assert ordered == [each for each in ordered if not each.isdecimal()] + numbers
    assert [int(each) for each in numbers] == sorted(map(int, numbers))


def _keyset(primary: int, *numbers: int) -> Keyset:
    found = tuple(authority(each) for each in numbers)
    return Keyset(NAME, authority(primary).id, found)


@pytest.mark.parametrize("primary", range(4))
def test_older_than_the_primary_one_are_those_that_were_made_before_it_and_are_trusted(primary: int) -> None:
    keyset = _keyset(primary, 3, 1, 0, 2)
    older = [authority(each).id for each in (3, 1, 0, 2) if each < primary]
    assert rotation.older_than_primary(keyset) == older
    if older:
        once = keyset.distrust(older[0], NOW)
        assert rotation.older_than_primary(once) == older[1:]
    done = rotation.distrusted(keyset, [], NOW)
    assert {each.id for each in done.items if each.distrusted_at} == set(older)
    assert rotation.trusted(done, older) == keyset
    with pytest.raises(UsageError, match="can't be distrusted"):
        rotation.distrusted(keyset, [authority(primary).id], NOW)


@pytest.mark.parametrize(
    ("days", "primary", "kept"),
    [
        (2, True, True),
        (2, False, True),
        (3, True, True),
        (3, False, True),
        (1, True, False),
        (1, False, True),
    ],
)
def test_the_id_is_the_serial_number_unless_the_new_primary_one_would_seem_older(
    days: int, primary: bool, kept: bool
) -> None:
    """The keyset has one of the second day; it is the sixth."""
    keyset, new = _keyset(2, 2), authority(days)
    if days == 2:
        keyset = _keyset(1, 1)
    after, item_id = rotation.added(
        keyset, NAME, new.certificate, new.private_key, primary=primary, now=NOW + timedelta(days=6)
    )
    assert (item_id == new.id) == kept
    assert facts_of(after.item(item_id).certificate, NAME).serial == int(new.id)
    assert (after.primary_id == item_id) == primary
    if primary:
        assert int(item_id) > int(keyset.primary_id), "ids go on sorting by age"


def test_a_certificate_that_is_made_at_the_same_moment_counts_as_of_now() -> None:
    """Serial numbers begin with the time: the last of a moment is not from the future."""
    at = NOW + timedelta(days=3)
    last = new_serial(at, lambda bits: (1 << bits) - 1)
    first = new_serial(at, lambda bits: 0)
    assert first <= int(authority(3).id) <= last < new_serial(at + timedelta(seconds=1), lambda bits: 0)
    keyset, new = _keyset(1, 1), authority(3)
    for late, kept in ((at, True), (at - timedelta(seconds=1), False)):
        _, item_id = rotation.added(keyset, NAME, new.certificate, new.private_key, primary=True, now=late)
        assert (item_id == new.id) == kept


def test_a_certificate_without_a_key_sorts_before_the_primary_one() -> None:
    keyset, new = _keyset(1, 1), authority(3)
    after, item_id = rotation.added(
        keyset, NAME, new.certificate, None, primary=False, now=NOW + timedelta(days=6)
    )
    assert item_id == "0"
    assert rotation.promoted(after) is after
    again, second = rotation.added(
        after, NAME, authority(4).certificate, None, primary=False, now=NOW + timedelta(days=6)
    )
    assert second == "1"
    assert rotation.promoted(again) is again


def test_facts_of_a_certificate_tell_the_length_of_its_key() -> None:
    found = facts_of(authority(0).certificate, "x")
    assert (found.key_length, found.authority, str(found.serial)) == (1024, True, authority(0).id)
