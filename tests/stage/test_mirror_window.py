"""The mirror's window, without a screen: keys work, the preview is mirrored, what goes out is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import pyvirtualcam
from numpy.typing import NDArray
from PIL import Image

from nightcast.air.messages import CameraSpec
from nightcast.air.outputs.camera import CameraOutput
from nightcast.show.catalog import Catalog
from nightcast.show.load import load_yaml
from nightcast.stage.errors import WindowError
from nightcast.stage.gpu import Gpu
from nightcast.stage.mirror_window import MirrorWindow
from nightcast.stage.mirroring import FrameTaker, MirrorDone, MirrorRun, Overlay, run_mirror
from nightcast.tryon.heads import head_model
from nightcast.tryon.pnp import Intrinsics, Pose, project
from nightcast.tryon.seen import Seen, Want

ROOT = Path(__file__).resolve().parents[2]
CAMERA = Intrinsics.of_fov(320, 240, 40.0)
#: To the picture's left, so that a mirrored picture can be told.
POSE = Pose(np.eye(3), np.array([-80.0, 0.0, -500.0]), 0.0)
WALL = (150, 140, 130)


class OneFace:
    def see(self, pixels: NDArray[np.uint8], wants: frozenset[Want] = frozenset(), *, still: bool = False) -> Seen:
        return Seen(faces=(project(head_model().points_mm, POSE, CAMERA),))

    def forget(self) -> None: ...

    def close(self) -> None: ...


class Taker:
    """A virtual camera in memory."""

    def __init__(self) -> None:
        self.frames: list[NDArray[np.uint8]] = []

    def offer_frame(self, pixels: NDArray[np.uint8]) -> None:
        self.frames.append(pixels)


@pytest.fixture
def screenless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def pressed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys for the window, one for each time that it asks."""
    waiting: list[str] = []

    def keys(_window: MirrorWindow) -> Iterator[str]:
        if waiting:
            yield waiting.pop(0)

    monkeypatch.setattr(MirrorWindow, "keys", keys)
    return waiting


def mirror(
    folder: Path, gpu: Gpu, taker: Taker | None = None, overlay: Overlay | None = None, *, window: bool = True
) -> MirrorDone:
    Image.new("RGB", (320, 240), WALL).save(folder / "photo.png")
    catalog_file = ROOT / "assets" / "catalog.yaml"
    catalog = load_yaml(catalog_file, Catalog, ROOT)
    few = catalog.model_copy(update={"products": tuple(p for p in catalog.products if p.id in ("sunglasses", "cap"))})

    def camera(width: int, height: int) -> FrameTaker:
        assert (width, height) == (320, 240)
        assert taker is not None
        return taker

    run = MirrorRun(
        source=str(folder / "photo.png"),
        products=("sunglasses",),
        variant=None,
        catalog=few,
        catalog_file=catalog_file,
        reference=ROOT / "avatars" / "lan" / "host.vrm",
        window=window,
        camera=camera if taker is not None else None,
        overlay=overlay,
        snapshots=folder / "snapshots",
    )
    return run_mirror(run, OneFace(), gpu)


def middle(pixels: NDArray[np.uint8]) -> float:
    """Where along x the picture differs from the bare wall."""
    return float(np.nonzero(np.abs(pixels[..., :3].astype(int) - WALL).max(axis=-1) > 25)[1].mean())


@pytest.mark.usefixtures("screenless")
def test_keys_change_what_is_worn_take_snapshots_and_end_it(tmp_path: Path, gpu: Gpu, pressed: list[str]) -> None:
    pressed += ["s", "2", "s", "0", "s", "escape"]
    done = mirror(tmp_path, gpu)
    with_glasses, with_cap, bare = (np.asarray(Image.open(file)) for file in done.snapshots)
    assert middle(with_glasses) < 160, "a snapshot is not mirrored"
    assert not np.array_equal(with_glasses, with_cap)
    assert (bare == WALL).all()


@pytest.mark.usefixtures("screenless")
def test_the_preview_is_mirrored_and_the_output_never(tmp_path: Path, gpu: Gpu, pressed: list[str]) -> None:
    import pygame

    shown = []
    original = MirrorWindow.show

    def show(window: MirrorWindow, pixels: NDArray[np.uint8], *, mirrored: bool, worn: str, help_text: str) -> None:
        original(window, pixels, mirrored=mirrored, worn="", help_text="")
        shown.append(pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1))

    pressed += ["m", "escape"]
    taker = Taker()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MirrorWindow, "show", show)
        mirror(tmp_path, gpu, taker)
    assert middle(taker.frames[0]) < 160
    assert middle(shown[0]) > 160
    assert middle(shown[1]) < 160, "M shows it as it goes out"


def test_an_overlay_goes_out_over_green_or_with_alpha(tmp_path: Path, gpu: Gpu) -> None:
    green, alpha = Taker(), Taker()
    mirror(tmp_path, gpu, green, "green", window=False)
    mirror(tmp_path, gpu, alpha, "alpha", window=False)
    (over,), (products,) = green.frames, alpha.frames
    assert tuple(over[5, 5]) == (0, 177, 64, 255)
    assert products[5, 5, 3] == 0
    solid = products[..., 3] > 250
    assert solid.sum() > 100, "the frame is solid"
    assert np.abs(over[solid][:, :3].astype(int) - products[solid][:, :3]).max() <= 4
    lens = (products[..., 3] > 60) & (products[..., 3] < 250)
    assert lens.sum() > 100, "lenses let something through"


class Webcam:
    """A virtual camera's backend, as pyvirtualcam asks for one."""

    frames: ClassVar[list[NDArray[np.uint8]]] = []

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **_: object) -> None:
        self._size = width, height

    def send(self, frame: NDArray[np.uint8]) -> None:
        self.frames.append(frame.reshape(self._size[1] * 3 // 2, self._size[0])[: self._size[1]].copy())

    def close(self) -> None: ...

    def device(self) -> str:
        return "memory"

    def native_fourcc(self) -> int | None:
        return None


def test_another_program_sees_the_mirror_as_its_webcam_and_not_mirrored(tmp_path: Path, gpu: Gpu) -> None:
    pyvirtualcam.register_backend("nightcast_mirror_test", Webcam)
    output = CameraOutput(CameraSpec(id="m", backend="nightcast_mirror_test"), 320, 240, 30)

    class Waiting(Taker):
        """Offers a picture when the camera is there, and again until it was sent: nobody waits for a real one."""

        def offer_frame(self, pixels: NDArray[np.uint8]) -> None:
            until_s = time.monotonic() + 10
            while not Webcam.frames and time.monotonic() < until_s:
                output.offer_frame(pixels)
                output.join(0.01)

    mirror(tmp_path, gpu, Waiting(), window=False)
    output.end()
    output.join(5)
    luma = Webcam.frames[0].astype(int)
    assert np.nonzero(np.abs(luma - luma[5, 5]) > 20)[1].mean() < 160


def test_without_a_display_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import pygame

    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "offscreen")
    monkeypatch.setattr(pygame.display, "init", lambda: None)
    with pytest.raises(WindowError, match="write a file with -o"):
        MirrorWindow((64, 48))


@pytest.mark.usefixtures("screenless")
def test_a_closed_window_is_escape() -> None:
    import pygame

    with MirrorWindow((64, 48)) as window:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_KP2))
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_LEFT))
        pygame.event.post(pygame.event.Event(pygame.QUIT))
        assert list(window.keys()) == ["2", "left", "escape"]
