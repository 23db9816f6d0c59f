"""Go's templates: syntax, values and functions, with what Go and sprig print for them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.templating.assignments import assign
from kops_core.templating.errors import TemplateError
from kops_core.templating.evaluation import Template
from kops_core.templating.functions import channel_functions, go_functions
from kops_core.templating.sprig import sprig_functions
from kops_core.templating.values import float_text

CHANNEL: Any = {
    "spec": {
        "kopsVersions": [{"range": ">=1.36.0", "kubernetesVersion": "1.36.1"}],
        "kubernetesVersions": [{"range": ">=1.35.0 <1.36.0", "recommendedVersion": "1.35.7"}],
        "images": [{"providerID": "aws", "architectureID": "amd64", "name": "owner/image"}],
    }
}
VALUES: Any = {
    "name": "world",
    "id": 99.0,
    "account": 123456789012.0,
    "empty": "",
    "off": False,
    "nothing": None,
    "list": ["a", "b", "c"],
    "map": {"x": 1.0, "a": {"deep": "value"}},
    "etcd": [{"name": "main", "members": ["a1", "b1"]}, {"name": "events", "members": ["a1"]}],
}


def render(
    text: str, values: Any = None, *, snippets: dict[str, str] | None = None, fail_on_missing: bool = True
) -> str:
    template = Template(
        "main",
        text,
        snippets=snippets or {},
        functions={
            **go_functions(),
            **sprig_functions({"HOME": "/home/ann"}),
            **channel_functions(lambda: CHANNEL, "1.36.0"),
        },
        fail_on_missing=fail_on_missing,
    )
    return template.render(VALUES if values is None else values)


SYNTAX = {
    "hello": "hello",
    "a {{ .name }} b": "a world b",
    "a {{- .name -}} b": "aworldb",
    "a\n  {{- /* comment */ -}}\n  b": "ab",
    "{{/* comment */}}x": "x",
    "{{ .map.a.deep }}": "value",
    "{{ $.name }}": "world",
    "{{ (index .etcd 0).name }}": "main",
    '{{ (dict "k" "v").k }}': "v",
    '{{ "a\\tb\\"\\u00e9" }}': 'a\tb"é',
    "{{ `raw \\n` }}": "raw \\n",
    "{{ 'a' }}": "97",
    "{{ 0x10 }} {{ 1_000 }} {{ -3 }} {{ 1.50 }}": "16 1000 -3 1.5",
    "{{ true }} {{ false }}": "true false",
    "{{ .name | upper | quote }}": '"WORLD"',
    "{{ if .off }}a{{ else if .name }}b{{ else }}c{{ end }}": "b",
    "{{ if .empty }}a{{ else }}c{{ end }}": "c",
    "{{ with .map.a }}{{ .deep }}{{ end }}": "value",
    "{{ with .empty }}a{{ else }}none{{ end }}": "none",
    "{{ with $x := .name }}{{ $x }}{{ . }}{{ end }}": "worldworld",
    "{{ range .list }}[{{ . }}]{{ end }}": "[a][b][c]",
    "{{ range $i, $e := .list }}{{ $i }}{{ $e }} {{ end }}": "0a 1b 2c ",
    "{{ range $k, $v := .map }}{{ $k }} {{ end }}": "a x ",
    "{{ range $e := .list }}{{ $e }}{{ end }}": "abc",
    "{{ range .nothing }}a{{ else }}none{{ end }}": "none",
    '{{ range .list }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}': "a",
    '{{ range .list }}{{ if eq . "b" }}{{ continue }}{{ end }}{{ . }}{{ end }}': "ac",
    "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}": "2",
    "{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}": "1",
    '{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" .name }}': "<world>",
    '{{ define "t" }}<{{ . }}>{{ end }}{{ include "t" .name | upper }}': "<WORLD>",
    '{{ block "t" .name }}<{{ . }}>{{ end }}': "<world>",
    "{{ range .etcd }}{{ .name }}:{{ range .members }}{{ $.id }}{{ . }}{{ end }} {{ end }}": (
        "main:99a199b1 events:99a1 "
    ),
    '{{ printf "%s-%d-%05.1f|%-5s|%5s|%q|%v|%t|%x|%%" .name 7 2.25 "ab" "cd" "e" .list true 255 }}': (
        'world-7-002.2|ab   |   cd|"e"|[a b c]|true|ff|%'
    ),
    "{{ and .name .empty }}|{{ or .empty .name }}|{{ not .empty }}": "|world|true",
    '{{ or .name (fail "no") }}': "world",
    "{{ eq .id 99 98 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 1 2 }} {{ ge 2 1 }}": (
        "true true true true false true"
    ),
    '{{ len .list }} {{ index .map "a" "deep" }} {{ slice .name 1 3 }}': "3 value or",
    '{{ print 1 2 "a" "b" 3 }}': "1 2ab3",
    "{{ .list }} {{ .map }} {{ .etcd }}": (
        "[a b c] map[a:map[deep:value] x:1] [map[members:[a1 b1] name:main] map[members:[a1] name:events]]"
    ),
    "{{ .account }} {{ .account | int }} {{ .id }}": "1.23456789012e+11 123456789012 99",
    "{{ .nothing }}": "<no value>",
}


@pytest.mark.parametrize(("text", "printed"), SYNTAX.items())
def test_syntax_and_values(text: str, printed: str) -> None:
    assert render(text) == printed


SPRIG = {
    '{{ .list | join "," }}': "a,b,c",
    '{{ "this is a line of\\ntext" | indent 2 }}': "this is a line of\n  text",
    '{{ "a\\nb" | nindent 2 }}': "\n  a\n  b",
    '{{ default "x" .empty }} {{ default "x" .name }}': "x world",
    '{{ coalesce .empty .nothing "z" }}': "z",
    '{{ ternary "yes" "no" true }} {{ .off | ternary "yes" "no" }}': "yes no",
    '{{ list 1 2 3 | toJson }} {{ dict "b" 1 "a" "<" | toJson }}': '[1,2,3] {"a":"\\u003c","b":1}',
    "{{ .map | toRawJson }}": '{"a":{"deep":"value"},"x":1}',
    '{{ "a b" | b64enc }} {{ "YSBi" | b64dec }}': "YSBi a b",
    '{{ trim "  a " }}|{{ trimAll "$" "$5$" }}|{{ trimSuffix "-" "a-" }}|{{ trimPrefix "-" "-b" }}': (
        "a|5|a|b"
    ),
    '{{ repeat 3 "ab" }} {{ substr 0 3 "hello" }} {{ trunc 2 "hello" }} {{ trunc -2 "hello" }}': (
        "ababab hel he lo"
    ),
    '{{ contains "a" "cat" }} {{ hasPrefix "c" "cat" }} {{ hasSuffix "c" "cat" }}': "true true false",
    '{{ replace " " "-" "I am" }} {{ "HelloWorld" | snakecase }} {{ "hello_world" | camelcase }}': (
        "I-am hello_world HelloWorld"
    ),
    '{{ squote "a" }} {{ quote "a" "b" }} {{ cat "a" "b" }}': '\'a\' "a" "b" a b',
    '{{ regexMatch "^a.c$" "abc" }} {{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}': "true -W-xxW-",
    '{{ regexFind "[a-z]+[0-9]" "ab1 c2" }} {{ regexSplit "z+" "pizza" -1 }}': "ab1 [pi a]",
    '{{ splitList "," "a,b" }} {{ (split "," "a,b")._1 }}': "[a b] b",
    "{{ first .list }} {{ last .list }} {{ rest .list }} {{ initial .list }}": "a c [b c] [a b]",
    '{{ has "a" .list }} {{ without .list "a" }} {{ uniq (list 1 1 2) }} {{ reverse .list }}': (
        "true [b c] [1 2] [c b a]"
    ),
    "{{ until 3 }} {{ untilStep 3 9 2 }} {{ seq 3 }} {{ seq 2 4 }} {{ seq 0 2 6 }}": (
        "[0 1 2] [3 5 7] 1 2 3 2 3 4 0 2 4 6"
    ),
    '{{ append .list "d" }} {{ prepend .list "d" }} {{ concat .list (list 1) }}': (
        "[a b c d] [d a b c] [a b c 1]"
    ),
    '{{ compact (list 0 1 "") }}': "[1]",
    '{{ hasKey .map "x" }} {{ get .map "x" }} {{ keys .map | sortAlpha }}': "true 1 [a x]",
    '{{ pick .map "x" }} {{ omit .map "a" }}': "map[x:1] map[x:1]",
    '{{ dig "a" "deep" "no" .map }} {{ dig "a" "other" "no" .map }}': "value no",
    '{{ $d := dict "a" 1 }}{{ $_ := set $d "b" 2 }}{{ $d }} {{ unset $d "a" }}': "map[a:1 b:2] map[b:2]",
    '{{ merge (dict "a" 1) (dict "a" 2 "b" 3) }} {{ mergeOverwrite (dict "a" 1) (dict "a" 2) }}': (
        "map[a:1 b:3] map[a:2]"
    ),
    "{{ add 1 2 3 }} {{ sub 5 2 }} {{ mul 2 3 }} {{ div 7 2 }} {{ mod 7 3 }} {{ max 1 5 2 }} {{ min 3 1 }}": (
        "6 3 6 3 1 5 1"
    ),
    '{{ add1 2 }} {{ floor 1.9 }} {{ ceil 1.1 }} {{ round 1.256 2 }} {{ int "12" }} {{ float64 "1.5" }}': (
        "3 1 2 1.26 12 1.5"
    ),
    '{{ sha256sum "a" }}': "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    '{{ semverCompare ">=1.2.0" "1.3.1" }} {{ (semver "1.2.3").Minor }}': "true 2",
    '{{ kindOf .list }} {{ kindOf .map }} {{ kindOf "a" }} {{ kindIs "string" "b" }}': (
        "slice map string true"
    ),
    '{{ env "HOME" }} {{ env "NO_SUCH" }}|{{ expandenv "$HOME/x" }}': "/home/ann |/home/ann/x",
    '{{ base "a/b.c" }} {{ dir "a/b.c" }} {{ ext "a/b.c" }}': "b.c a .c",
    '{{ empty "" }} {{ empty .list }} {{ all 1 "a" }} {{ any 0 "" }}': "true false true false",
    '{{ fromJson "{\\"a\\": [1]}" | toJson }}': '{"a":[1]}',
    '{{ toString 1 }} {{ plural "one" "many" 2 }} {{ title "hello world" }} {{ initials "a b" }}': (
        "1 many Hello World ab"
    ),
    '{{ ChannelRecommendedKubernetesUpgradeVersion "1.35.1" }}': "1.35.7",
    "{{ ChannelRecommendedKopsKubernetesVersion }}": "1.36.1",
    '{{ ChannelRecommendedImage "aws" "1.35.1" "amd64" }}': "owner/image",
}


@pytest.mark.parametrize(("text", "printed"), SPRIG.items())
def test_functions(text: str, printed: str) -> None:
    assert render(text) == printed


def test_snippets_are_included_by_the_names_of_their_files() -> None:
    snippets = {
        "unit": "[Unit]\nName: {{ .name }}\n\n[Service]\n",
        "both": '{{ include "unit" . }}{{ include "unit" . }}',
    }
    text = 'hooks:\n  manifest: |\n    {{ include "unit" . | indent 4 -}}\n'
    assert render(text, snippets=snippets) == (
        "hooks:\n  manifest: |\n    [Unit]\n    Name: world\n\n    [Service]\n"
    )
    assert render('{{ include "both" . }}', snippets=snippets).count("[Unit]") == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\n{{ .missing }}", "main: line 2: there is no value 'missing'"),
        ("{{ .map.a.other }}", "there is no value 'other'"),
        ("{{ .name.x }}", "has no field 'x'"),
        ("{{ nosuch 1 }}", "there is no function 'nosuch'"),
        ("{{ $x }}", "there is no variable $x"),
        ("{{ if .name }}", "line 1: it has no {{ end }}"),
        ("{{ end }}", "nothing for this end"),
        ("a {{ .name", "is not closed"),
        ("{{ 1 2 }}", "too much"),
        ("{{ }}", "a value is missing"),
        ("{{ (.name }}", "has no )"),
        ("{{ .name | .map }}", "only a function"),
        ('{{ template "gone" . }}', "there is no template 'gone'"),
        ('{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}', "includes itself"),
        ('{{ eq 1 "a" }}', "different kinds"),
        ("{{ lt .list 1 }}", "have no order"),
        ("{{ index .list 7 }}", "out of range"),
        ("{{ div 1 0 }}", "division by zero"),
        ('{{ required "name it" .empty }}', "name it"),
        ('{{ fail "stop" }}', "stop"),
        ("{{ upper }}", "upper can't take"),
        ('{{ regexMatch "(" "a" }}', "no regular expression"),
        ('{{ ChannelRecommendedImage "gce" "1.35.1" "amd64" }}', "no image for gce"),
        ("{{ range .name }}{{ end }}", "can't go through"),
        ("{{ § }}", "is not understood"),
    ],
)
def test_errors_tell_the_line_and_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(TemplateError) as error:
        render(text)
    assert why in str(error.value)
    assert "main: line" in str(error.value)


def test_values_may_be_missing_on_request() -> None:
    text = '{{ default "none" .a }} {{ .a }} {{ .a.b }}'
    assert render(text, {}, fail_on_missing=False) == "none <no value> <no value>"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (["version=1.0,foo.bar=baz"], {"version": "1.0", "foo": {"bar": "baz"}}),
        (["a=1,b=true,c=null,d="], {"a": 1, "b": True, "c": None, "d": ""}),
        (["a={1,x},b=2"], {"a": [1, "x"], "b": 2}),
        (["a[1]=x", "a[0].n=1"], {"a": [{"n": 1}, "x"]}),
        ([r"a\.b=c\,d"], {"a.b": "c,d"}),
        (["a=b=c"], {"a": "b=c"}),
        (["a=0123"], {"a": "0123"}),
    ],
)
def test_set(given: list[str], made: dict[str, Any]) -> None:
    found: dict[str, Any] = {}
    for text in given:
        assign(text, found, strings=False)
    assert found == made


def test_set_string_and_over_other_values() -> None:
    found: dict[str, Any] = {"a": {"b": 1}, "l": [1, 2]}
    assign("a.c=true,l[1]=3", found, strings=True)
    assert found == {"a": {"b": 1, "c": "true"}, "l": [1, "3"]}
    for wrong in ("a", "=x", "a..b=1"):
        with pytest.raises(TemplateError):
            assign(wrong, {}, strings=False)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_float_is_the_same_number(value: float) -> None:
    assert float(float_text(value)) == value
    assert "." not in float_text(value) or not float_text(value).partition("e")[0].endswith("0")


@given(st.text(alphabet=st.sampled_from("{}-. $|()\"`'/*abx09:=,\n"), max_size=30))
def test_any_text_is_a_template_or_an_error(text: str) -> None:
    try:
        render(text)
    except TemplateError as error:
        assert "main" in error.where


@given(st.text(alphabet=st.characters(blacklist_characters="{")))
def test_a_text_without_actions_is_its_own_result(text: str) -> None:
    assert render(text) == text
