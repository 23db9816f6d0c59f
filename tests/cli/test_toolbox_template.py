"""``toolbox template``: values from files and flags, templates and snippets from folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.store import CLUSTER, FACTS, FileStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A template of an instance group, a snippet, and two files of values."""
    for name, text in {
        "templates/a.yaml": (
            "apiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata:\n"
            "  labels:\n    kops.k8s.io/cluster: {{ .clusterName }}\n  name: {{ .group.name }}\nspec:\n"
            "  machineType: {{ .group.type }}\n  maxSize: {{ .group.size }}\n  minSize: 1\n  role: Node\n"
            "  subnets:\n{{ range .zones }}  - {{ . }}\n{{ end }}"
            "  additionalUserData:\n  - name: x.sh\n    type: text/x-shellscript\n    content: |\n"
            '      {{ include "boot.sh" . | indent 6 }}'
        ),
        "templates/b.yaml": "# {{ .group.name }} ends here\n",
        "snippets/deep/boot.sh": "#!/bin/sh\necho {{ .group.name }}\n",
        "one.yaml": "group:\n  name: extra\n  type: m5.large\nzones: [us-east-1a]\n",
        "two.yaml": "group:\n  type: m5.xlarge\n  size: 3\naccount: 123456789012\n",
    }.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "in"


def words(folder: Path, *more: str) -> tuple[str, ...]:
    return (
        "toolbox", "template", "--template", str(folder / "templates"),
        "--snippets", str(folder / "snippets"), "--values", f"{folder}/one.yaml,{folder}/two.yaml", *more,
    )  # fmt: skip


def test_a_spec_is_filled_and_replace_takes_it(store: FileStore, folder: Path) -> None:
    made = store.run(*words(folder, "--out", str(folder / "made.yaml")))
    assert made.stdout == ""
    text = (folder / "made.yaml").read_text()
    assert f"kops.k8s.io/cluster: {CLUSTER}\n" in text
    assert "  machineType: m5.xlarge\n  maxSize: 3\n" in text, "the later file wins, and the rest stays"
    assert "      #!/bin/sh\n      echo extra\n" in text
    assert text.endswith("---\n# extra ends here\n"), "each file is a document, in the order of names"
    assert text == store.run(*words(folder)).stdout
    store.run("replace", "-f", str(folder / "made.yaml"), "--force", *FACTS)
    assert "maxSize: 3" in (store.files / "instancegroup" / "extra").read_text()


def test_flags_win_over_files(store: FileStore, folder: Path) -> None:
    told = store.run(
        *words(folder, "--set", "group.size=5,zones={a,b}", "--set-string", "group.name=007")
    ).stdout
    assert "  name: 007\n" in told
    assert "maxSize: 5\n" in told
    assert "  - a\n  - b\n" in told


def test_documents_may_be_written_again_as_yaml(store: FileStore, folder: Path) -> None:
    told = store.run(*words(folder, "--format-yaml")).stdout
    assert "#" not in told.replace("#!/bin/sh", "")
    assert "---" not in told, "the second document is a comment only"
    assert told.index("kind:") < told.index("metadata:") < told.index("spec:")
    again = folder / "templates" / "b.yaml"
    again.write_text("a: [\n")
    assert "yields no YAML" in store.run(*words(folder, "--format-yaml"), code=1).stderr


def test_a_missing_value_is_an_error_with_its_place_unless_it_is_allowed(
    store: FileStore, folder: Path
) -> None:
    (folder / "templates" / "b.yaml").write_text("a: 1\nb: {{ .nosuch }}\n")
    told = store.run(*words(folder), code=1).stderr
    assert "b.yaml: line 2: there is no value 'nosuch'" in told
    assert "b: <no value>\n" in store.run(*words(folder, "--fail-on-missing=false")).stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clusterName", CLUSTER),
        ("account", "1.23456789012e+11"),
        ("zones", "[us-east-1a]"),
        ("nosuch", "null"),
    ],
)
def test_one_value(store: FileStore, folder: Path, name: str, value: str) -> None:
    assert store.run(*words(folder, "--config-value", name)).stdout == f"{value}\n"


def test_the_channel_recommends(store: FileStore, folder: Path) -> None:
    (folder / "templates" / "a.yaml").write_text(
        '{{ ChannelRecommendedKubernetesUpgradeVersion "1.34.2" }}\n'
    )
    assert store.run(*words(folder, *FACTS)).stdout.startswith("1.34.10\n")


def test_what_is_not_there(store: FileStore, folder: Path) -> None:
    assert "there is no template" in store.run("toolbox", "template", code=64).stderr
    gone = ("toolbox", "template", "--template", "/nonexistent")
    assert "can't be read" in store.run(*gone, code=64).stderr
    assert "not an assignment" in store.run(*words(folder, "--set", "x"), code=1).stderr
