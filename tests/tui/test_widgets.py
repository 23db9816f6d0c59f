"""The pieces without a screen: words, the terminal, keys, the editor loop, differences, the clipboard."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core import FieldChange, FieldError, InvalidSpec, Unknown, UsageError
from kops_tui import clipboard, editor
from kops_tui.field_diff import diff_lines, tally
from kops_tui.resource_words import kind_words
from kops_tui.row_filter import matcher
from kops_tui.styled_text import Span, age, duration, fit, line, plain, value_text, width, wrap
from kops_tui.terminal import ASCII, UNICODE, Colours, Terminal, colours, terminal_problem
from kops_tui.themes import THEMES
from kops_tui.widgets.prompt import candidates_line

TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Mn", "Me", "Cf"]), max_size=40)


# Words


@given(st.lists(TEXTS, max_size=5), st.integers(0, 60), st.booleans())
def test_a_line_is_cut_or_filled_to_exactly_its_cells(texts: list[str], cells: int, right: bool) -> None:
    assert width(fit(line(*texts), cells, right=right)) == cells


@given(st.lists(st.text("ab ", max_size=30), max_size=4), st.integers(8, 40))
def test_wrapping_loses_no_word(texts: list[str], cells: int) -> None:
    spans = line(*(Span(text) for text in texts))
    words = plain(spans).split()
    if all(len(word) <= cells - 3 for word in words):
        lines = wrap(spans, cells, 3)
        assert all(width(part) <= cells + 1 for part in lines)
        assert "".join("".join(plain(part) for part in lines).split()) == "".join(words)


def test_what_is_cut_says_so() -> None:
    assert plain(fit(line("control-plane"), 6)) == "contr…"
    assert plain(fit(line("control-plane"), 6, "~")) == "contr~"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (0, "0"),
        ("", '""'),
        (["a", 1], "[a, 1]"),
        ({"a": None}, "{a: null}"),
        ("a\nb", "a\\nb"),
    ],
)
def test_values_as_an_operator_writes_them(value: object, text: str) -> None:
    assert value_text(value) == text  # type: ignore[arg-type]


def test_times_in_one_unit() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    ages = [age(now - timedelta(seconds=ago), now) for ago in (-5, 59, 60, 7200, 200_000)]
    assert ages == ["now", "now", "1m", "2h", "2d"]
    assert [duration(each) for each in (0.44, 12, 250, 3840)] == ["0.4s", "12s", "4m10s", "1h04m"]


def test_kinds_as_people_say_them() -> None:
    kinds = ("LaunchTemplate", "IAMRolePolicy", "VPC", "SecurityGroupRule", "DHCPOptions", "AutoscalingGroup")
    assert [kind_words(kind) for kind in kinds] == [
        "launch templates",
        "IAM role policies",
        "VPCs",
        "security group rules",
        "DHCP options",
        "autoscaling groups",
    ]


def test_filters() -> None:
    assert matcher("PROD")("us1.prod")
    assert not matcher("!prod")("us1.prod")
    assert matcher("us[12]")("us2")
    assert matcher("[")("a[0]"), "what is no expression is taken as it stands"
    assert matcher("!")("anything")


# The terminal


@pytest.mark.parametrize(
    ("environ", "tier"),
    [
        ({"NO_COLOR": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color"}, Colours.NONE),
        ({"NO_COLOR": "", "COLORTERM": "truecolor"}, Colours.NONE),
        ({"COLORTERM": "truecolor"}, Colours.TRUE),
        ({"TERM": "screen-256color"}, Colours.INDEXED),
        ({"TERM": "xterm"}, Colours.ANSI),
        ({"TERM": "linux"}, Colours.ANSI),
        ({"TERM": "xterm-direct"}, Colours.TRUE),
        ({}, Colours.ANSI),
    ],
)
def test_colour_tiers(environ: dict[str, str], tier: Colours) -> None:
    assert colours(environ) is tier


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LC_ALL": "C", "LANG": "C.UTF-8"}, False),
        ({"LANG": "en_US.ISO-8859-1"}, False),
        ({}, False),
        ({"LANG": "x.nonsense"}, False),
    ],
)
def test_signs_follow_the_locale(environ: dict[str, str], unicode: bool) -> None:
    assert Terminal.of(environ).glyphs is (UNICODE if unicode else ASCII)


def test_where_no_screen_can_run() -> None:
    assert terminal_problem({"TERM": "xterm"}, True) is None
    for environ, tty in (({"TERM": "xterm"}, False), ({"TERM": "dumb"}, True), ({}, True)):
        assert "kops-tui --help" in (terminal_problem(environ, tty) or "")


@pytest.mark.parametrize("theme", [theme for theme in THEMES if not theme.ansi], ids=lambda theme: theme.name)
def test_every_tone_can_be_read_on_every_ground(theme: object) -> None:
    """Contrast of at least 4.5:1 (WCAG 2.2, 1.4.3) on the screen, the bars and the cursor's row."""
    from textual.color import Color
    from textual.theme import Theme

    assert isinstance(theme, Theme)
    tones = (theme.foreground, theme.primary, theme.warning, theme.error, theme.success, theme.accent)
    for ground in (theme.background, theme.surface, theme.panel):
        for tone in tones:
            assert _contrast(Color.parse(tone or ""), Color.parse(ground or "")) >= 4.5, (tone, ground)
    assert _contrast(Color.parse(theme.secondary or ""), Color.parse(theme.background or "")) >= 4.5


def _contrast(one: object, other: object) -> float:
    from textual.color import Color

    def luminance(color: object) -> float:
        assert isinstance(color, Color)
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


# Differences


def test_json_is_compared_by_structure() -> None:
    field = FieldChange("Policy", '{"b": 1, "a": [1]}', '{"a": [1, 2], "b": 1}', "json")
    lines = diff_lines(field)
    assert [each.text.strip() for each in lines if each.sign == "+"] == ["1,", "2"]
    assert tally(lines) == "+2 -1"


def test_a_line_of_user_data_is_found() -> None:
    before = "".join(f"line {n}\n" for n in range(50))
    lines = diff_lines(FieldChange("UserData", before, before.replace("line 7\n", "line seven\n"), "script"))
    assert [(each.sign, each.text) for each in lines if each.sign in "+-"] == [
        ("-", "line 7"),
        ("+", "line seven"),
    ]
    assert len(lines) < 6


def test_what_has_no_lines_has_no_difference() -> None:
    assert diff_lines(FieldChange("Size", "1", "2")) == []
    assert diff_lines(FieldChange("UserData", "a\n", Unknown.AFTER_APPLY, "script")) == []
    assert diff_lines(FieldChange("Policy", "{not json", "{nor this", "json"))


# The editor


def _editor(*edits: str | int) -> tuple[list[str], object]:
    """An editor that writes one text a round, or ends with a code."""
    seen: list[str] = []
    rounds = iter(edits)

    def call(words: Sequence[str]) -> int:
        path = Path(words[-1])
        seen.append(path.read_text())
        step = next(rounds)
        if isinstance(step, int):
            return step
        path.write_text(step)
        return 0

    return seen, call


def _take_no_zero(text: str) -> None:
    if "0" in text:
        raise InvalidSpec([FieldError("Invalid value", "spec.size", "must not be 0", "x.yaml", 1)])


def test_errors_come_back_as_comments_and_the_mended_text_is_taken(tmp_path: Path) -> None:
    seen, call = _editor("size: 0\n", "#! old\nsize: 2\n")
    done = editor.edit("size: 1\n", tmp_path / "d" / "x.yaml", ["ed"], _take_no_zero, call=call)  # type: ignore[arg-type]
    assert done.taken
    assert "must not be 0" in seen[1]
    assert seen[1].endswith("size: 0\n")
    assert not (tmp_path / "d" / "x.yaml").exists()


@pytest.mark.parametrize(
    ("steps", "kept"), [((1,), False), (("size: 1\n",), False), (("size: 0\n", 1), True)]
)
def test_giving_up_loses_nothing(steps: tuple[str | int, ...], kept: bool, tmp_path: Path) -> None:
    draft = tmp_path / "x.yaml"
    _, call = _editor(*steps)
    done = editor.edit("size: 1\n", draft, ["ed"], _take_no_zero, call=call)  # type: ignore[arg-type]
    assert not done.taken
    assert draft.exists() is kept
    if kept:
        seen, call = _editor("size: 3\n")
        assert editor.edit("size: 1\n", draft, ["ed"], _take_no_zero, call=call).taken  # type: ignore[arg-type]
        assert "size: 0" in seen[0], "the draft is offered again"


def test_the_editor_is_found_as_kubectl_finds_it() -> None:
    assert editor.editor_command({"EDITOR": "vim", "KUBE_EDITOR": "code -w --new"}) == ["code", "-w", "--new"]
    assert editor.editor_command({"EDITOR": "'my editor' -x"}) == ["my editor", "-x"]
    assert editor.editor_command({}) == ["vi"]
    with pytest.raises(UsageError):
        editor.editor_command({"EDITOR": "'open"})


def test_an_editor_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be started"):
        editor.edit("a", tmp_path / "x.yaml", [str(tmp_path / "no-such-editor")], _take_no_zero)


# The clipboard


def test_the_clipboard_sequence_carries_the_text() -> None:
    (plain_form,) = clipboard.sequences("spec.é", tmux=False)
    assert b64decode(plain_form.removeprefix("\x1b]52;c;").removesuffix("\x07")).decode() == "spec.é"
    raw, wrapped = clipboard.sequences("x", tmux=True)
    assert wrapped == f"\x1bPtmux;{raw.replace(chr(27), chr(27) * 2)}\x1b\\"
    assert clipboard.sequences("x" * (clipboard.LIMIT + 1), tmux=False) == []


# What is loaded


def test_the_first_screen_loads_no_cloud_and_no_models() -> None:
    code = (
        "import sys, kops_tui.app\n"
        "heavy = {'boto3', 'botocore', 'moto', 'pydantic', 'cryptography', 'deepdiff', 'ruamel'}\n"
        "print(sorted((heavy | {'kops_tui.screens.registry', 'kops_core.plan'}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_candidates_fit_on_a_line_with_the_chosen_one_among_them() -> None:
    paths = [f"set spec.field{number}" for number in range(40)]
    for chosen in ("", paths[0], paths[17], paths[-1]):
        shown = plain(candidates_line(paths, chosen, 80))
        assert len(shown) <= 80
        assert chosen.removeprefix("set ") in shown.split() or not chosen
    assert plain(candidates_line(["plan", "protect"], "", 80)).split() == ["plan", "protect"]
    assert "…" not in plain(candidates_line(["plan", "protect"], "plan", 80))
