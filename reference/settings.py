"""The page of the settings: where each comes from, environment variables, and the preferences of the UI."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.engine.feature_flags import DEFAULTS
from kops_tui.cli.options import COMMON_VALUES

VARIABLES: Mapping[str, str] = {
    "KOPS_STATE_STORE": "state stores, separated by commas; kOps'",
    "KOPS_CLUSTER_NAME": "the cluster; kOps'",
    "KOPS_FEATURE_FLAGS": "feature flags, e.g. `+APIServerNodes,-ImageDigest`; kOps'",
    "KOPS_BASE_URL": "where nodes download nodeup and protokube from; kOps'",
    "KOPS_CHANNEL_BASE": "where the channels `stable` and `alpha` are read from; kOps'",
    "KOPS_STATE_S3_ACL": "ACL of the objects that are written to S3; kOps'",
    "KOPS_RUN_TOO_NEW_VERSION": "plan for versions of Kubernetes that are newer than this kOps; kOps'",
    "KOPS_RUN_OBSOLETE_VERSION": "work although the channel calls this kOps too old; kOps'",
    "KOPS_AWS_ROLE_ARN": "a role that is assumed for all calls to AWS; kOps'",
    "KOPS_LIFECYCLE_OVERRIDES": "lifecycles of kinds, as `update cluster --lifecycle-overrides`; kOps'",
    "S3_ENDPOINT": "an S3 of another provider for the state store; kOps'",
    "S3_REGION": "its region; `us-east-1` by default; kOps'",
    "S3_ACCESS_KEY_ID": "the access key for it; kOps'",
    "S3_SECRET_ACCESS_KEY": "the secret key for it; kOps'",
    "AWS_REGION": "region of the state store's bucket, if it does not tell; AWS'",
    "AWS_DEFAULT_REGION": "the same, if AWS_REGION is not set; AWS'",
    "AWS_ENDPOINT_URL": "an emulated AWS; one on this machine has state and data folders of its own; AWS'",
    "KUBECONFIG": "files that a kubeconfig is merged into, or read from with `--use-kubeconfig`; kubectl's",
    "HTTPS_PROXY": "a proxy to Kubernetes APIs; that to AWS is the SDK's own setting",
    "NO_PROXY": "hosts that are reached without it",
    "KOPS_TUI_KUBERNETES_ENDPOINT": "the sandbox's Kubernetes; `sandbox env` prints it",
    "KUBE_EDITOR": "the editor of `edit`; kubectl's",
    "EDITOR": "the same, if KUBE_EDITOR is not set",
    "TERM": "what the terminal can do; `dumb` gets no terminal UI",
    "COLORTERM": "`truecolor` or `24bit`: all colours",
    "NO_COLOR": "set, even empty: the terminal's own two colours",
    "LC_ALL": "whether the terminal shows UTF-8; else ASCII is drawn",
    "LC_CTYPE": "the same, if LC_ALL is not set",
    "LANG": "the same, if LC_CTYPE is not set",
    "SSH_CONNECTION": "a terminal over SSH: the mouse stays the terminal's own",
    "SSH_TTY": "the same",
    "TMUX": "inside tmux: the clipboard is reached through it",
    "HOME": "where kOps' own configuration files are looked for",
}
"""All variables that the program reads itself. A test compares them with the code."""

PREFERENCES: Mapping[str, tuple[str, str]] = {
    "theme": ("text", "a theme, as `:theme` lists them; `:theme` writes it here"),
    "keymap": (
        "mapping",
        "other keys by [id](keys.md), e.g. `page.refresh: f5`; conflicts are told at the start",
    ),
    "refresh": ("seconds", "after which the fleet is read again while it is seen; 0: only when asked"),
    "production": ("list", "patterns of the names of production clusters, which are shown as such"),
    "mouse": ("true or false", "whether the mouse is the program's when it starts"),
}


def page() -> str:
    """The page."""
    lines = [
        "# Settings",
        "A setting comes from its flag, else from the environment, else from the first configuration file that"
        " exists, else it has its default. `kops-tui info` tells for each where it comes from.",
        "",
        "## Flags of every command",
        "",
        "| flag | sets |",
        "|---|---|",
        *(f"| `--{name}` | {text} |" for name, text in COMMON_VALUES.items()),
        "",
        "## Configuration file",
        "",
        "The file named by `--config`, else `~/.kops.yaml`, else `~/.kops/config` (both kOps' own), else"
        " `config.yaml` in this program's configuration folder. Keys: `kops_state_store` (also a comma-separated"
        " list), `channel`, `kops_version`, `asset_hashes`.",
        "",
        "## Environment",
        "",
        "Besides these the AWS SDK reads its own: credentials, profiles, proxies.",
        "",
        "| variable | sets |",
        "|---|---|",
        *(f"| `{name}` | {text} |" for name, text in VARIABLES.items()),
        "",
        "## Feature flags",
        "",
        "kOps' flags, in `KOPS_FEATURE_FLAGS`. On unless switched off: "
        + ", ".join(f"`{name}`" for name, on in DEFAULTS.items() if on)
        + ". Off unless switched on: "
        + ", ".join(f"`{name}`" for name, on in DEFAULTS.items() if not on)
        + ".",
        "",
        "## Preferences",
        "",
        "Of the terminal UI, in `ui.yaml` of the configuration folder.",
        "",
        "| key | value | |",
        "|---|---|---|",
        *(f"| `{name}` | {form} | {text} |" for name, (form, text) in PREFERENCES.items()),
    ]
    return "\n".join(lines) + "\n"
