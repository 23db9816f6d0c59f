"""``completion``: the code with which a shell completes commands, flags and names."""

from __future__ import annotations

import click

from kops_tui.cli.completion import script
from kops_tui.cli.streams import echo_data


@click.group("completion")
def command() -> None:
    """Print the code with which a shell completes commands, flags and names."""


def _for_shell(shell: str, usage: str) -> click.Command:
    @click.command(shell, help=f"Print the code for {shell}. To use it: {usage}", short_help=f"For {shell}.")
    @click.option("--no-descriptions", is_flag=True, help="Complete without descriptions.")
    @click.pass_context
    def print_script(ctx: click.Context, no_descriptions: bool) -> None:
        echo_data(script(shell, ctx.find_root().command, descriptions=not no_descriptions))

    return print_script


for _shell, _usage in (
    ("bash", "add 'source <(kops-tui completion bash)' to ~/.bashrc"),
    ("fish", "kops-tui completion fish > ~/.config/fish/completions/kops-tui.fish"),
    ("powershell", "kops-tui completion powershell | Out-String | Invoke-Expression"),
    ("zsh", "add 'source <(kops-tui completion zsh)' to ~/.zshrc"),
):
    command.add_command(_for_shell(_shell, _usage))
