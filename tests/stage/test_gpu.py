"""What is said of a device, and what is said where there is none. Contexts are opened in processes of their own:
two in one process get into each other's way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nightcast
from nightcast.stage.gpu import Gpu
from nightcast.stage.profile import CPU, GPU, profile_for


def run(code: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environ, "PYTHONPATH": str(Path(nightcast.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("renderer", ["llvmpipe (LLVM 15.0.6, 256 bits)", "Google SwiftShader", "softpipe"])
def test_software_drivers_get_the_processors_profile(renderer: str) -> None:
    assert profile_for(renderer) is CPU


def test_a_graphics_card_gets_its_own() -> None:
    assert profile_for("NVIDIA H100 PCIe/PCIe/SSE2") is GPU


def test_a_scope_gives_back_all_it_made(gpu: Gpu) -> None:
    before = gpu.live_objects
    scope = gpu.scope()
    scope.framebuffer([scope.texture((4, 4), 4)], scope.depth_texture((4, 4)))
    scope.buffer(b"1234")
    assert gpu.live_objects == before + 4
    scope.release()
    scope.release()
    assert gpu.live_objects == before


def test_a_policy_that_nothing_meets_says_what_was_found(gpu: Gpu) -> None:
    if not gpu.device.software:
        pytest.skip("there is a graphics card")
    said = run(
        "from nightcast.stage.gpu import Gpu\nfrom nightcast.stage.errors import GpuError\n"
        "try: Gpu('hardware')\nexcept GpuError as error: print(error)"
    )
    assert "that is a graphics card" in said
    assert "llvmpipe" in said or "softpipe" in said
    assert "nightcast doctor" in said


def test_a_device_number_that_is_none_is_said() -> None:
    said = run(
        "from nightcast.stage.gpu import Gpu\nfrom nightcast.stage.errors import GpuError\n"
        "try: Gpu()\nexcept GpuError as error: print(error)",
        NIGHTCAST_GPU="first",
    )
    assert "NIGHTCAST_GPU is 'first'" in said
