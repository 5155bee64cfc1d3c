"""The try-on mirror draws what is worn on the face that the tracker saw, and only there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nightcast.show.catalog import Catalog
from nightcast.show.load import load_yaml
from nightcast.stage.gpu import Gpu
from nightcast.stage.mirroring import MirrorRun, run_mirror
from nightcast.tryon.errors import CannotWearError
from nightcast.tryon.heads import head_model
from nightcast.tryon.pnp import Intrinsics, Pose, project
from nightcast.tryon.seen import Seen, Want
from nightcast.tryon.sources import SourceError, pictures

ROOT = Path(__file__).resolve().parents[2]
CAMERA = Intrinsics.of_fov(320, 240, 40.0)
POSE = Pose(np.eye(3), np.array([20.0, 10.0, -450.0]), 0.0)


class OneFace:
    """A tracker that sees the reference head at `POSE`."""

    def see(self, pixels: NDArray[np.uint8], wants: frozenset[Want] = frozenset(), *, still: bool = False) -> Seen:
        return Seen(faces=(project(head_model().points_mm, POSE, CAMERA),))

    def forget(self) -> None: ...

    def close(self) -> None: ...


def run(folder: Path, product: str, source: str, output: str) -> MirrorRun:
    catalog_file = ROOT / "assets" / "catalog.yaml"
    return MirrorRun(
        source=str(folder / source),
        products=(product,),
        variant=None,
        catalog=load_yaml(catalog_file, Catalog, ROOT),
        catalog_file=catalog_file,
        reference=ROOT / "avatars" / "lan" / "host.vrm",
        output=folder / output,
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.new("RGB", (320, 240), (150, 140, 130)).save(tmp_path / "photo.png")
    return tmp_path


def test_glasses_are_drawn_before_the_eyes_and_nowhere_else(photo: Path, gpu: Gpu) -> None:
    done = run_mirror(run(photo, "sunglasses", "photo.png", "worn.png"), OneFace(), gpu)
    assert (done.pictures, done.with_face) == (1, 1)
    worn = np.asarray(Image.open(photo / "worn.png")).astype(int)
    changed = np.abs(worn - [150, 140, 130]).max(axis=-1) > 25
    rows, columns = np.nonzero(changed)
    eyes = project(np.array([[0.0, -5.0, 15.0]]), POSE, CAMERA)[0]
    width_px = 142 / 450 * CAMERA.focal_px
    assert abs((columns.min() + columns.max()) / 2 - eyes[0]) < 4
    assert abs((rows.min() + rows.max()) / 2 - eyes[1]) < 10
    assert abs((columns.max() - columns.min()) - width_px) < 0.12 * width_px


def test_before_and_after_share_a_picture(photo: Path, gpu: Gpu) -> None:
    plan = run(photo, "sunglasses", "photo.png", "half.png")
    run_mirror(MirrorRun(**{**plan.__dict__, "before_after": True}), OneFace(), gpu)
    half = np.asarray(Image.open(photo / "half.png"))
    assert (half[:, :160] == [150, 140, 130]).all()
    assert not (half[:, 160:] == [150, 140, 130]).all()


def test_what_a_head_cannot_wear_is_refused_by_name(photo: Path, gpu: Gpu) -> None:
    with pytest.raises(CannotWearError, match="glasses, hat"):
        run_mirror(run(photo, "tumbler", "photo.png", "no.png"), OneFace(), gpu)
    with pytest.raises(CannotWearError, match="no such product"):
        run_mirror(run(photo, "spaceship", "photo.png", "no.png"), OneFace(), gpu)


def test_a_folder_of_pictures_becomes_a_video(photo: Path, gpu: Gpu) -> None:
    for number in range(4):
        Image.new("RGB", (321, 241), (number * 20, 140, 130)).save(photo / f"{number}.png")
    run_mirror(run(photo, "sunglasses", ".", "worn.mp4"), OneFace(), gpu)
    shown = list(pictures(str(photo / "worn.mp4")))
    assert len(shown) == 5
    assert shown[0].pixels.shape == (240, 320, 3)


def test_a_source_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a camera's number"):
        next(pictures(str(tmp_path / "missing.mp4")))
    with pytest.raises(SourceError, match="no pictures"):
        next(pictures(str(tmp_path)))
