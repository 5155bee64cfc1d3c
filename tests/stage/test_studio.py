"""The whole stage in one process, drawn small."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from nightcast.show.errors import ShowError
from nightcast.stage import cues as c
from nightcast.stage.shot import Moment, take
from nightcast.stage.studio import Studio

S = 48_000


@pytest.fixture
def studio(stall: Studio) -> Studio:
    return stall


def test_a_picture_has_the_size_that_was_asked_for_and_is_opaque(studio: Studio) -> None:
    pixels = studio.frame(0)
    assert pixels.shape == (180, 320, 4)
    assert pixels.dtype == np.uint8


def test_a_frame_can_be_drawn_into_shared_memory(studio: Studio) -> None:
    memory = bytearray(320 * 180 * 4)
    studio.frame(0, into=memoryview(memory))
    assert len(set(memory)) > 20


def test_the_same_cues_and_seed_give_the_same_picture(scene_file: Path, studio: Studio) -> None:
    def run() -> np.ndarray:
        studio.restart()
        studio.apply([c.ProductCue(at=0, product="box"), c.ShotCue(at=S // 3, shot="product")])
        return [studio.frame(index).copy() for index in range(0, 24, 4)][-1]

    first = run()
    assert (first == run()).all()


def test_a_product_comes_on_stage_and_its_card_with_it(studio: Studio) -> None:
    before = take(studio, Moment(product=None, overlays=False)).copy()
    studio.restart()
    studio.apply([c.OverlayCue(at=0, overlay="price_card", data={"product": "box"})])
    after = take(studio, Moment(product="box", overlays=False))
    lower_left = np.abs(after[110:, :120].astype(int) - before[110:, :120]).max()
    assert lower_left > 60


def test_a_product_with_a_display_stands_on_it(studio: Studio) -> None:
    heights_m = {}
    for product in ("box", "raised"):
        studio.restart()
        studio.apply([c.ProductCue(at=0, product=product)])
        frame = studio._advance(1)
        shown = [instance for instance in frame.instances if instance.kind == "product"]
        heights_m[product] = [round(float(instance.world[1, 3]), 3) for instance in shown]
    assert heights_m["box"] == [1.05]
    assert heights_m["raised"] == [1.15, 1.15]


def test_a_transition_blends_old_and_new(studio: Studio) -> None:
    old = studio.frame(0).astype(int)
    studio.apply([c.ShotCue(at=1600, shot="product")])
    first = studio.frame(1).astype(int)
    for index in range(2, 20):
        last = studio.frame(index).astype(int)
    assert np.abs(first - old).mean() < np.abs(last - old).mean() / 3


def test_the_slate_hides_everything_but_the_label(studio: Studio) -> None:
    studio.apply([c.SlateCue(at=0, show=True)])
    slate = studio.frame(0).copy()
    assert len(np.unique(slate[60:70, :40].reshape(-1, 4), axis=0)) == 1
    studio.apply([c.SlateCue(at=1600, show=False)])
    assert (studio.frame(1) != slate).any()


def test_a_file_that_is_no_model_is_named_and_the_show_goes_on(show_folder: Path, studio: Studio) -> None:
    (show_folder / "assets/torn.glb").write_bytes(b"glTF torn anew")
    studio.apply([c.ProductCue(at=0, product="ghost")])
    studio.frame(0)
    studio.frame(1)
    warnings = studio.take_warnings()
    assert len([warning for warning in warnings if "torn.glb" in warning]) == 1


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    stamp = file.stat().st_mtime_ns + 1_000_000  # edits within one tick of the file system's clock
    os.utime(file, ns=(stamp, stamp))


def test_an_edit_is_on_the_next_picture(scene_file: Path, studio: Studio) -> None:
    before = studio.frame(0).copy()
    assert not studio.reload()
    edit(scene_file, '"#404050"', '"#c04050"')
    assert studio.reload()
    assert (studio.frame(1)[2, 160, :3] != before[2, 160, :3]).any()


def test_a_wrong_edit_is_refused_once_and_the_last_good_scene_stays(scene_file: Path, studio: Studio) -> None:
    before = studio.frame(0).copy()
    edit(scene_file, "fov: 34", "fov: 999")
    with pytest.raises(ShowError, match=r"stall.yaml:\d+"):
        studio.reload()
    assert not studio.reload()
    assert (studio.frame(1) == before).all()
    edit(scene_file, "fov: 999", "fov: 20")
    assert studio.reload()


def test_a_product_without_a_photograph_gets_a_portrait_on_its_card(studio: Studio) -> None:
    studio.prepare()
    assert not studio.prepare_next()
    studio.apply([c.OverlayCue(at=0, overlay="price_card", data={"product": "box"})])
    card = [studio.frame(index) for index in range(20)][-1][100:, :110, :3].astype(int)
    paper = (card.min(axis=2) > 190) & (card.max(axis=2) - card.min(axis=2) < 20)
    assert paper.sum() > 200


def test_a_coarser_picture_is_delivered_in_full_size_with_crisp_overlays(studio: Studio) -> None:
    studio.apply([c.OverlayCue(at=0, overlay="price_card", data={"name": "A box", "price": "¥129"})])
    fine = [studio.frame(index).copy() for index in range(20)][-1]
    studio.renderer.rescale(0.5)
    coarse = studio.frame(20).copy()
    studio.renderer.rescale(1.0)
    label = np.s_[4:24, 220:]  # the AI label
    assert coarse.shape == fine.shape
    assert np.abs(coarse.astype(int) - fine).mean() < 12
    assert np.abs(coarse[label].astype(int) - fine[label]).mean() < 6


@pytest.mark.slow
def test_a_model_written_anew_while_host_set_and_product_are_drawn_with_it_leaves_the_show_on(
    show_folder: Path, studio: Studio
) -> None:
    """The box is all three, and each asks for it at another moment."""
    file = show_folder / "assets/box.glb"
    studio.apply([c.ProductCue(at=0, product="box")])
    counts = []
    for first in (0, 200):
        for frame in range(first, first + 8, 2):
            stamp = file.stat().st_mtime_ns + 1_000_000
            os.utime(file, ns=(stamp, stamp))
            studio.frame(frame)  # the product is read anew before the edit is looked for
            assert studio.reload()
            assert studio.frame(frame + 1).std() > 5
        for frame in range(first + 8, first + 108):  # cards of former edits are let go of
            studio.frame(frame)
        studio.reload()
        counts.append(studio.live_objects)
    assert counts[0] == counts[1]


def test_edits_and_products_leave_no_gl_objects_behind(scene_file: Path, studio: Studio) -> None:
    counts = []
    for number in range(1, 7):
        old, new = ("0.6", "0.7") if number % 2 else ("0.7", "0.6")
        edit(scene_file, f"intensity: {old}", f"intensity: {new}")
        studio.reload()
        start = number * 100
        studio.apply([c.ProductCue(at=start * 1600, product="box" if number % 2 else None)])
        for index in range(start, start + 100):
            studio.frame(index)
        counts.append(studio.live_objects)
    assert counts[4:] == counts[2:4]


def test_an_avatar_without_a_body_stands_as_its_file_poses_it(studio: Studio) -> None:
    studio.restart()
    assert any("box.glb cannot be a host" in warning for warning in studio.take_warnings())
    studio.frame(0)
