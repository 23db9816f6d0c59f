"""``kops-tui --sandbox`` with one cluster that is not applied, which takes seconds less to make."""

from __future__ import annotations

from kops_tui.cli import main, playground

if __name__ == "__main__":
    playground.DEMOS = (playground.DEMOS[2],)  # type: ignore[assignment]
    main(["--sandbox"])
