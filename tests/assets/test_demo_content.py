"""The demo show's content holds what its catalog, its scenes and the engine's budgets promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.hierarchy import rest_bounds
from nightcast.gltf.load import load
from nightcast.gltf.records import F32, Model
from nightcast.show.catalog import Catalog, Product
from nightcast.show.load import load_yaml
from nightcast.show.scene import Scene
from nightcast.stage.radiance import read_hdr

ROOT = Path(__file__).parents[2]
CATALOG: Catalog = load_yaml(ROOT / "assets/catalog.yaml", Catalog, ROOT)
MODELLED = [product for product in CATALOG.products if product.model]
SCENES = sorted((ROOT / "scenes").glob("*.yaml"))
SETS = sorted((ROOT / "assets/models/sets").glob("*.glb"))
LIGHTS = sorted((ROOT / "assets/light").glob("*.hdr"))


def file_of(product: Product) -> Path:
    assert product.model is not None
    return ROOT / "assets" / product.model


def model_of(product_id: str) -> Model:
    product = CATALOG.product(product_id)
    assert product is not None
    return load(file_of(product))


def positions(model: Model, material: str = "") -> F32:
    """(n, 3) in millimetres, of the parts whose material's name begins so."""
    parts = [
        primitive.positions
        for mesh in model.meshes
        for primitive in mesh.primitives
        if primitive.material is not None and model.materials[primitive.material].name.startswith(material)
    ]
    return np.concatenate(parts) * np.float32(1000)


def triangle_count(model: Model) -> int:
    return sum(len(primitive.indices) // 3 for mesh in model.meshes for primitive in mesh.primitives)


@pytest.mark.parametrize(
    "name", ["displays/arch", "displays/bust", "displays/cushion", "products/headband", "products/sneaker"]
)
def test_what_is_large_and_plain_takes_fewer_triangles_where_it_is_small(name: str) -> None:
    model = load(ROOT / f"assets/models/{name}.glb")
    (levels,) = model.levels
    counts = [
        sum(len(primitive.indices) // 3 for mesh in look.meshes.values() if mesh for primitive in mesh.primitives)
        for look in levels.coarser
    ]
    assert model.warnings == ()
    assert np.diff([triangle_count(model), *counts]).max() < 0
    assert counts[1] < 0.7 * triangle_count(model)


@pytest.mark.parametrize("product", MODELLED, ids=lambda product: product.id)
def test_a_product_is_small_enough_to_be_drawn_live(product: Product) -> None:
    model = load(file_of(product))
    assert triangle_count(model) <= 4000
    assert file_of(product).stat().st_size <= 400 * 1024
    assert model.warnings == ()


@pytest.mark.parametrize("product", MODELLED, ids=lambda product: product.id)
def test_every_colour_of_the_catalog_is_a_variant_of_the_model(product: Product) -> None:
    assert {variant.model_variant for variant in product.variants} == set(load(file_of(product)).variants)


@pytest.mark.parametrize("product", CATALOG.products, ids=lambda product: product.id)
def test_words_about_a_product_stand_in_both_languages(product: Product) -> None:
    words = [product.name, product.kind, *product.materials, *product.sizes, *product.uses]
    words += [feature.feature for feature in product.features] + [claim.text for claim in product.claims]
    assert all(text.en and text.zh and text.en != text.zh for text in words)


def test_the_sunglasses_are_as_wide_as_the_catalog_says() -> None:
    front = positions(model_of("sunglasses"), "frame_acetate")
    assert np.ptp(front[:, 0]) == pytest.approx(142, abs=1.5)
    assert positions(model_of("sunglasses"), "temple")[:, 2].min() < -120


def test_the_cap_fits_a_head_of_57_cm() -> None:
    band = positions(model_of("cap"), "cloth_twill")
    low = band[band[:, 1] < 3]
    half_wide, half_long = np.abs(low[:, 0]).max(), np.abs(low[:, 2]).max()
    assert 2 * np.pi * np.sqrt((half_wide**2 + half_long**2) / 2) == pytest.approx(575, abs=12)


def test_the_ring_has_the_hole_it_is_sold_with() -> None:
    metal = positions(model_of("ring"), "metal")
    band = metal[metal[:, 2] < 0]
    assert 2 * np.hypot(band[:, 0], band[:, 2]).min() == pytest.approx(17.2, abs=0.2)


def test_the_watch_goes_round_a_wrist() -> None:
    strap = positions(model_of("watch"), "strap")
    assert np.hypot(strap[:, 0], strap[:, 2]).min() > 22
    assert positions(model_of("watch"), "dial")[:, 2].min() > 28


def test_an_earring_hangs_from_its_post_and_a_necklace_from_the_neck() -> None:
    assert positions(model_of("earrings"))[:, 1].max() < 2
    assert positions(model_of("necklace"), "jade")[:, 1].max() < -70


@pytest.mark.parametrize("product_id", ["tumbler", "sneaker", "lipstick"])
def test_what_is_put_down_stands_on_its_base(product_id: str) -> None:
    low, _high = rest_bounds(model_of(product_id))
    assert low[1] == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("file", SCENES, ids=lambda file: file.stem)
def test_a_scene_names_only_what_exists(file: Path) -> None:
    scene = load_yaml(file, Scene, ROOT)
    assert {"wide", "medium", "close", "product", "detail"} <= scene.shots.keys()


@pytest.mark.parametrize("file", SETS, ids=lambda file: file.stem)
def test_a_set_is_baked_and_within_its_budget(file: Path) -> None:
    model = load(file)
    assert triangle_count(model) <= 15_000
    assert file.stat().st_size <= 3 * 1024 * 1024
    assert all(material.unlit for material in model.materials)


@pytest.mark.parametrize("file", LIGHTS, ids=lambda file: file.stem)
def test_a_set_gives_light_of_known_strength(file: Path) -> None:
    light = read_hdr(file)
    height = len(light)
    share = np.sin((np.arange(height) + 0.5) / height * np.pi)[:, None]
    luminance = light[..., :3] @ np.float32([0.2126, 0.7152, 0.0722])
    assert file.stat().st_size <= 500 * 1024
    assert (luminance * share).sum() / share.sum() / light.shape[1] == pytest.approx(0.5, abs=0.02)


def test_the_music_loops_without_a_step() -> None:
    av = pytest.importorskip("av")
    with av.open(str(ROOT / "assets/sound/bed.ogg")) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
    sound = np.concatenate(frames, axis=1)
    assert sound.shape[1] == 80 * 48_000
    steps = np.abs(np.diff(sound, axis=1)).max(axis=0)
    assert np.abs(sound[:, 0] - sound[:, -1]).max() < np.quantile(steps, 0.99)
