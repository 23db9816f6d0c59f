"""``kops-tui --sandbox`` with one cluster that is not applied, which takes seconds less to make."""

from __future__ import annotations

from kops_tui.cli import demo, main

if __name__ == "__main__":
    demo.DEMOS = (demo.DEMOS[2],)  # type: ignore[assignment]
    main(["--sandbox"])
