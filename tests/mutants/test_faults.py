"""Which faults are drawn, and what becomes of them."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.faults import Fault, faults
from tests.mutants.report import key, named

pytestmark = pytest.mark.full

_REPOSITORY = Path(__file__).parents[2]


def _drawn(tmp_path: Path, code: str, seed: str = "1") -> list[Fault]:
    (tmp_path / "one.py").write_text(code, encoding="utf-8")
    return list(faults(tmp_path, ["one.py"], seed))


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ('@rule("spec.a")\ndef one(c):\n    return c.count > 3\n', "return c.count >= 3"),
        ("TABLE = {1: Kind(shared=True)}\n", "TABLE = {1: Kind(shared=False)}"),
        ("if ready:\n    start()\n", "if not (ready):"),
        ("def one():\n    stop()\n", "pass"),
    ],
    ids=["a decorated function", "a table", "a condition", "an effect"],
)
def test_rules_tables_conditions_and_effects_get_faults(tmp_path: Path, code: str, becomes: str) -> None:
    assert becomes in {each.after for seed in "12345" for each in _drawn(tmp_path, code, seed)}


@pytest.mark.parametrize(
    "code",
    [
        '"""A module."""\n',
        'def one(count: "int | None") -> "list[int]": ...\n',
        "from a import b\n__all__ = ['b']\n",
        "if TYPE_CHECKING:\n    from a import b\n",
        "class One(Protocol):\n    count = 1\n",
        "@dataclass(frozen=True)\nclass One:\n    count: int\n",
        'raise StoreError("it is gone", hint="look there")\n',
        'yield version.forbidden("write the same in each")\n',
        'rule(because="pods ask it")\n',
    ],
)
def test_what_has_no_effect_or_is_a_text_for_people_gets_no_text_fault(tmp_path: Path, code: str) -> None:
    changed = {each.after for each in _drawn(tmp_path, code)}
    assert not changed - {"pass", "rule()", "rule(because=None)"}


def test_an_edit_elsewhere_leaves_the_faults_that_were_drawn(tmp_path: Path) -> None:
    code = "def one(a):\n    return a + 1\n\n\ndef two(a):\n    return a and a < 4\n"
    before = [key(each) for each in _drawn(tmp_path, code)]
    after = [key(each) for each in _drawn(tmp_path, "EARLIER = other\n" + code)]
    assert [each for each in after if each in before] == before
    assert len(after) == len(before) + 1


def test_another_seed_draws_others(tmp_path: Path) -> None:
    code = "".join(f"A{n} = {n}\n" for n in range(40))
    first, second = (
        {key(each) for each in itertools.islice(_drawn(tmp_path, code, seed), 10)} for seed in "12"
    )
    assert first != second


_TRY = """
import pathlib, sys
from tests.mutants import runs
from tests.mutants.faults import Fault
tree = pathlib.Path(sys.argv[1])
for code in sys.argv[2:]:
    fault = Fault("kops_core/one.py", 1, code, "", "")
    print(runs.run(tree, fault, ["test_one.py::test_three"], 5 if "while" in code else 300).value)
print((tree / "kops_core/one.py").read_text())
"""


def test_a_fault_is_caught_survives_never_ends_or_does_not_load_and_is_taken_out_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "kops_core").mkdir()
    (tmp_path / "kops_core" / "__init__.py").touch()
    (tmp_path / "kops_core" / "one.py").write_text("three = 3")
    (tmp_path / "test_one.py").write_text(
        "def test_three():\n    from kops_core.one import three\n    assert three == 3\n"
        "def test_of_no_concern():\n    assert False\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    codes = ["three = 4", "three = 2 + 1", "def __getattr__(_):\n    while True: pass\n", "three = four"]
    done = subprocess.run(
        [sys.executable, "-c", _TRY, str(tmp_path), *codes],
        cwd=_REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["caught", "survived", "timed out", "broken", "three = 3"]


def test_each_survivor_that_stays_is_still_in_the_code() -> None:
    gone = []
    for file, before, after in named():
        lines = {line.strip() for line in (_REPOSITORY / file).read_text(encoding="utf-8").splitlines()}
        if not lines.issuperset(before.splitlines()):
            gone.append((file, before, after))
    assert not gone, "take them out of tests/mutants/survivors.toml"
