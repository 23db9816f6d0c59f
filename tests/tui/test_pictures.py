"""The main screens over the real engine in the sandbox, at three sizes, as SVG snapshots."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kops_core import CancelToken, Engine, Settings, ValidationRequest
from kops_core.cloud.sandbox.process import Sandbox
from kops_tui.cli.demo import seed_demo, settings_for
from tests.tui.driver import AppDriver, compare, run_app

pytestmark = pytest.mark.full

SIZES = ((80, 24), (120, 40), (200, 50))
CLUSTER = "us1.example.com"
BEGIN = datetime.now(UTC)
"""The time of all screens: from before everything that they show, so nothing is older than now."""
_VARYING = (
    (r"\b(i|lt|vol|ami|vpc|subnet|sg)-[0-9a-f]{17}\b", r"\1-0123456789abcdef0"),
    (r">[0-9a-f]{8}<", ">01234567<"),
    (r">(&#160;)?[0-9a-f]{12}<", r">\g<1>0123456789ab<"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-12-01T12:00:00Z"),
    (r"\d{4}-\d\d-\d\d(&#160;| )\d\d:\d\d", r"2026-12-01\g<1>12:00"),
    (r"\d\d:\d\d:\d\d", "12:00:00"),
    (r"172\.20\.0\.[45]\b", "172.20.0.4"),
    (
        r'textLength="[\d.]+"( clip-path="[^"]*">)54\.[\d.]+(&#160;)*<',
        r'textLength="170.8"\g<1>54.214.10.101 <',
    ),
)
"""What is another at each run, and what is shown in its place: as wide."""

Steps = Callable[[AppDriver], Awaitable[None]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The clusters of ``make run``."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch, Sandbox.start(log=folder / "sandbox.log") as sandbox:
        patch.setenv("LOGNAME", "ann")
        patch.setattr(socket, "gethostname", lambda: "bastion")
        patch.setenv("XDG_STATE_HOME", str(folder))
        for name, value in sandbox.env.items():
            patch.setenv(name, value)
        seed_demo(sandbox, lambda _: None)
        settings = replace(settings_for(sandbox, os.environ, {}), state_dir=folder / "own")
        for name in ("eu1.example.com", "us1.example.com"):  # plans ask the API which versions run
            request = ValidationRequest(wait=60.0, interval=0.2)
            assert Engine(settings).open(name).validate(request, lambda _: None, CancelToken()).valid
        yield settings


def frozen(svg: str) -> str:
    """A screenshot without what is another at each run."""
    for pattern, constant in _VARYING:
        svg = re.sub(pattern, constant, svg)
    return svg


async def open_us1(driver: AppDriver) -> None:
    await driver.press("j", "j", "enter")
    await driver.until("1/1")


async def _spec(driver: AppDriver) -> None:
    await open_us1(driver)
    await driver.press("j", "enter", "y", *"jjj")


async def _plan(driver: AppDriver) -> None:
    await open_us1(driver)
    await driver.press("u")
    await driver.until("1.35.7 -> 1.36")
    await driver.press("escape", "P")
    await driver.until("CHANGE")
    await driver.press("n")


async def _instances(driver: AppDriver) -> None:
    await open_us1(driver)
    await driver.press("i")
    for _ in range(100):  # until the machines have started and joined
        if (
            "2 instances" in driver.text
            and "not known" not in driver.text
            and driver.text.count("InService") == 2
        ):
            break
        await asyncio.sleep(0.2)
        await driver.press("r")


async def _history(driver: AppDriver) -> None:
    await open_us1(driver)
    await driver.press("H")
    await driver.until("backup before")


async def _validation(driver: AppDriver) -> None:
    await driver.press("enter", "v")
    for _ in range(100):
        if "nothing is wrong" in driver.text:
            break
        await asyncio.sleep(0.1)
        await driver.press("r")


async def _machine_types(driver: AppDriver) -> None:
    await open_us1(driver)
    await driver.press("j", "m")
    await driver.until("m5.")


async def _create(driver: AppDriver) -> None:
    await driver.press("n")
    for text in ("new.example.com", "us-east-1a,us-east-1b"):
        await driver.press("enter")
        await driver.type(text)
        await driver.press("enter")
    await driver.until("resources: ")


SCREENS: dict[str, Steps] = {
    "fleet": lambda driver: driver.press("j", "j"),
    "cluster": open_us1,
    "spec-yaml": _spec,
    "plan-upgrade": _plan,
    "instances": _instances,
    "history": _history,
    "validation": _validation,
    "machine-types": _machine_types,
    "create": _create,
    "help": lambda driver: driver.press("question_mark"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_screens_over_the_real_engine(demo: Settings, name: str, size: tuple[int, int]) -> None:
    async with run_app(Engine(demo), size, now=BEGIN) as driver:
        await driver.until("never applied")
        await SCREENS[name](driver)
        compare(frozen(driver.app.export_screenshot()), f"sandbox-{name}-{size[0]}x{size[1]}.svg")
