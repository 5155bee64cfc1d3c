"""Pictures say what was asked for: place, order, colour, light, and what a device keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.stage.boards import EYE4, GREEN, RED, SIZE, Pixels, Quad, picture, place

from nightcast.gltf import load
from nightcast.gltf.hierarchy import rest_bounds
from nightcast.gltf.records import (
    Clearcoat,
    Material,
    MToon,
    Sheen,
    Skin,
    Specular,
    TextureRef,
    Transmission,
)
from nightcast.host.frame import HostFrame, MaterialOverride
from nightcast.stage.environment import gradient_environment
from nightcast.stage.errors import AssetError, FrameError
from nightcast.stage.frame import (
    Background,
    Camera,
    ContactShadow,
    Effects,
    Frame,
    Instance,
    Lamp,
    Lighting,
    Makeup,
    Mix,
    Split,
    look_at,
)
from nightcast.stage.gpu import Gpu
from nightcast.stage.layers import Bitmap, Layer, Rect
from nightcast.stage.profile import GPU
from nightcast.stage.renderer import Renderer

ALL_AROUND = gradient_environment((1, 1, 1), (1, 1, 1), (1, 1, 1))


def middle(pixels: Pixels) -> tuple[int, ...]:
    return tuple(int(v) for v in pixels[SIZE // 2, SIZE // 2, :3])


def srgb(linear: float) -> float:
    return 255 * (12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055)


def test_nothing_is_the_backgrounds_colour(renderer: Renderer, camera: Camera) -> None:
    pixels = renderer.draw(Frame(camera, background=Background((0.2, 0.4, 0.6))))
    assert pixels.shape == (SIZE, SIZE, 4)
    assert np.abs(pixels.astype(int) - (51, 102, 153, 255)).max() <= 1


def test_row_0_is_the_top(renderer: Renderer, camera: Camera) -> None:
    pixels = renderer.draw(Frame(camera, background=Background((1, 1, 1), (0, 0, 0))))
    assert pixels[0, 5, 0] > 245
    assert pixels[-1, 5, 0] < 10


def test_up_is_up_and_right_is_right(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    up = put(quad(RED, half_m=0.3), **place(0, 0.6, 0))
    right = put(quad(GREEN, half_m=0.3), **place(0.6, 0, 0))
    pixels = renderer.draw(Frame(camera, instances=[up, right]))
    assert tuple(pixels[12, 32, :3]) == (255, 0, 0)
    assert tuple(pixels[32, 52, :3]) == (0, 255, 0)
    assert tuple(pixels[52, 32, :3]) == (0, 0, 0)


def test_a_texture_stands_upright(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    halves = np.zeros((8, 8, 4), np.uint8)
    halves[..., 3] = 255
    halves[:4, :, 0] = 255
    material = Material(base_color_texture=TextureRef(0), unlit=True)
    pixels = renderer.draw(Frame(camera, instances=[put(quad(material, pictures=[picture(halves)]))]))
    assert pixels[20, 32, 0] > 250
    assert pixels[44, 32, 0] < 5


def test_the_nearer_hides_the_farther(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    near, far = put(quad(RED), **place(0, 0, 0.2)), put(quad(GREEN), **place(0, 0, -0.2))
    for order in ([near, far], [far, near]):
        assert middle(renderer.draw(Frame(camera, instances=order))) == (255, 0, 0)


def test_an_occluder_shows_what_is_behind_everything(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    hides = put(quad(RED), "occluder", **place(0, 0, 0.2))
    hidden = put(quad(GREEN), **place(0, 0, 0))
    background = Background((0, 0, 1))
    pixels = renderer.draw(Frame(camera, background=background, instances=[hidden, hides]))
    assert middle(pixels) == (0, 0, 255)


def test_backs_are_drawn_only_of_two_sided_materials(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    turned = np.diag(np.float32([-1, 1, -1, 1]))
    for two_sided, expected in ((False, 0), (True, 255)):
        material = Material(base_color=(1, 0, 0, 1), unlit=True, double_sided=two_sided)
        handle = renderer.load_model(quad(material))
        pixels = renderer.draw(Frame(camera, instances=[Instance(handle, turned)]))
        assert middle(pixels)[0] == expected
        handle.release()


def test_a_mirroring_matrix_keeps_the_front_in_front(renderer: Renderer, camera: Camera, quad: Quad) -> None:
    handle = renderer.load_model(quad(RED))
    mirrored = np.diag(np.float32([-1, 1, 1, 1]))
    assert middle(renderer.draw(Frame(camera, instances=[Instance(handle, mirrored)]))) == (255, 0, 0)
    handle.release()


def test_see_through_parts_are_blended_from_back_to_front(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    def glass(r: float, g: float) -> Material:
        return Material(base_color=(r, g, 0, 0.5), unlit=True, alpha_mode="BLEND")

    near, far = put(quad(glass(1, 0)), **place(0, 0, 0.2)), put(quad(glass(0, 1)), **place(0, 0, -0.2))
    r, g, b = middle(renderer.draw(Frame(camera, instances=[near, far])))
    assert (r, g, b) == pytest.approx((127, 64, 0), abs=2)


def test_a_mask_cuts_where_alpha_is_low(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    holes = np.full((8, 8, 4), 255, np.uint8)
    holes[:, :4, 3] = 0
    material = Material(base_color_texture=TextureRef(0), unlit=True, alpha_mode="MASK")
    pixels = renderer.draw(Frame(camera, instances=[put(quad(material, pictures=[picture(holes)]))]))
    assert pixels[32, 22, 0] < 5
    assert pixels[32, 42, 0] > 250


def test_tinted_glass_dims_what_is_behind_it(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    lens = Material(base_color=(1, 0.1, 0.1, 1), metallic=0, roughness=0, transmission=Transmission(1.0))
    white = Material(base_color=(1, 1, 1, 1), unlit=True)
    glass, wall = put(quad(lens), **place(0, 0, 0.2)), put(quad(white), **place(0, 0, -0.2))
    r, g, b = middle(renderer.draw(Frame(camera, instances=[wall, glass])))
    assert r > 230
    assert g == b == pytest.approx(srgb(0.1), abs=12)


@pytest.mark.parametrize(
    "albedo", [(0.8, 0.8, 0.8), (0.5, 0.1, 0.05), (0.05, 0.3, 0.1), (0.04, 0.06, 0.5), (0.2, 0.2, 0.2)]
)
def test_base_colours_come_out_true_under_grey_light(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable, albedo: tuple[float, float, float]
) -> None:
    """Khronos PBR Neutral is made so that a matt surface in white light of radiance 1 shows its base colour."""
    material = Material(base_color=(*albedo, 1), metallic=0, roughness=0.5)
    frame = Frame(camera, Lighting(environment=ALL_AROUND), instances=[put(quad(material))])
    shown = middle(renderer.draw(frame))
    assert delta_e(shown, tuple(srgb(c) for c in albedo)) < 3.0


def test_the_key_light_brightens_what_faces_it(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    white = put(quad(Material(base_color=(0.6, 0.6, 0.6, 1), metallic=0, roughness=1)))

    def lit(toward: tuple[float, float, float]) -> int:
        return middle(renderer.draw(Frame(camera, Lighting(key=Lamp(toward, 3.14)), instances=[white])))[0]

    assert lit((0, 0, 1)) > lit((1, 0, 1)) > lit((1, 0, 0.2)) > lit((0, 0, -1)) - 1


def test_warm_light_is_warm(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    white = put(quad(Material(base_color=(0.5, 0.5, 0.5, 1), metallic=0, roughness=1)))
    frame = Frame(camera, Lighting(key=Lamp((0, 0, 1), 2.0, kelvin=3000)), instances=[white])
    r, g, b = middle(renderer.draw(frame))
    assert r > g + 10 > b + 20


def test_what_moves_throws_a_shadow_on_each_other_and_on_the_set(renderer: Renderer, quad: Quad, put: Callable) -> None:
    wall = Material(base_color=(0.7, 0.7, 0.7, 1), metallic=0, roughness=1)
    baked = Material(base_color=(0.7, 0.7, 0.7, 1), unlit=True)
    camera = Camera(look_at((0, 0, 4), (0, 0, 0)), fov_deg=30)
    disc = put(quad(RED, half_m=0.2), **place(-0.5, 0, 0.5))
    for kind, material in (("product", wall), ("set", wall), ("set", baked)):
        behind = put(quad(material, half_m=2), kind)
        lighting = Lighting(key=Lamp((-1, 0, 1), 2.5, shadow="soft"), ambient=(0.5, 0.5, 0.5))
        pixels = renderer.draw(Frame(camera, lighting, instances=[behind, disc]))
        under, beside = int(pixels[32, 32, 0]), int(pixels[10, 54, 0])
        assert under < beside - 25, (kind, material.unlit)


def test_a_contact_shadow_darkens_the_set_under_it(renderer: Renderer, put: Callable, quad: Quad) -> None:
    floor = quad(Material(base_color=(0.8, 0.8, 0.8, 1), unlit=True, double_sided=True), half_m=2)
    lying = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], np.float32)
    handle = renderer.load_model(floor)
    camera = Camera(look_at((0, 2, 2), (0, 0, 0)), fov_deg=40)
    shadow = ContactShadow((0, 0, 0), (0.4, 0.4), 0.6)
    instances = [Instance(handle, lying, "set")]
    bare = renderer.draw(Frame(camera, instances=instances)).astype(int)
    dark = renderer.draw(Frame(camera, instances=instances, contact_shadows=[shadow])).astype(int)
    assert dark[32, 32, 0] < bare[32, 32, 0] - 60
    assert dark[60, 3, 0] == bare[60, 3, 0]
    handle.release()


def test_a_variant_changes_the_colour(renderer: Renderer, camera: Camera, quad: Quad) -> None:
    handle = renderer.load_model(quad(materials=[RED, GREEN], variants={0: 0, 1: 1}, variant_names=("red", "green")))
    for variant, expected in (("red", (255, 0, 0)), ("green", (0, 255, 0)), ("unheard of", (255, 0, 0))):
        instance = Instance(handle, EYE4, variant=variant)
        assert middle(renderer.draw(Frame(camera, instances=[instance]))) == expected
    handle.release()


def test_an_override_lasts_one_picture(renderer: Renderer, camera: Camera, quad: Quad) -> None:
    handle = renderer.load_model(quad(RED))
    blue = HostFrame(0, handle.geometry.rest_world, material_overrides={0: MaterialOverride(base_color=(0, 0, 1, 1))})
    assert middle(renderer.draw(Frame(camera, instances=[Instance(handle, EYE4, pose=blue)]))) == (0, 0, 255)
    assert middle(renderer.draw(Frame(camera, instances=[Instance(handle, EYE4)]))) == (255, 0, 0)
    handle.release()


def test_makeup_covers_the_base_colour(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    layer = np.zeros((8, 8, 4), np.uint8)
    layer[:4] = (0, 0, 255, 255)
    skin = Material(base_color_texture=TextureRef(0), unlit=True)
    face = quad(skin, pictures=[picture(np.full((8, 8, 4), 255, np.uint8))])
    pixels = renderer.draw(Frame(camera, instances=[put(face, makeup=(Makeup(0, Bitmap(layer)),))]))
    assert tuple(pixels[20, 32, :3]) == (0, 0, 255)
    assert tuple(pixels[44, 32, :3]) == (255, 255, 255)


@pytest.mark.parametrize(("flakes", "least", "most"), [(0, 0.0, 0.5), (255, 1.0, 40.0)])
def test_shimmer_glints_and_satin_does_not(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable, flakes: int, least: float, most: float
) -> None:
    finish = np.full((4, 4, 4), (90, 80, flakes, 255), np.uint8)
    worn = Makeup(0, Bitmap(np.full((4, 4, 4), (160, 60, 60, 255), np.uint8)), Bitmap(finish))
    skin = Material(metallic=0.0, roughness=0.5, base_color_texture=TextureRef(0))
    face = quad(skin, pictures=[picture(np.full((8, 8, 4), 255, np.uint8))])
    close = Camera(look_at((0, 0, 0.06), (0, 0, 0)), near_m=0.01)
    lit = Lighting(key=Lamp((0, 0, 1), 2.0), ambient=(0.5, 0.5, 0.5))
    pixels = renderer.draw(Frame(close, lit, instances=[put(face, makeup=(worn,))]))
    grain = np.abs(np.diff(pixels[20:40, 20:40, 0].astype(int), axis=1)).mean()
    assert least <= grain <= most


def test_a_camera_s_pictures_share_a_few_textures(renderer: Renderer, camera: Camera) -> None:
    def shown(number: int) -> Pixels:
        behind = Bitmap(np.full((SIZE, SIZE, 4), (number, number, number, 255), np.uint8))
        return renderer.draw(Frame(camera, background=Background(image=behind)))

    for number in range(10):
        shown(number)
    before = renderer.gpu.live_objects
    for number in range(10, 30):
        assert abs(int(shown(number)[20, 20, 0]) - number) <= 1
    assert renderer.gpu.live_objects == before


def test_hidden_nodes_are_not_drawn(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    instance = put(quad(RED), hidden_nodes=frozenset({0}))
    assert middle(renderer.draw(Frame(camera, instances=[instance]))) == (0, 0, 0)


def test_every_feature_of_every_material_compiles_and_draws(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    ref, moved = TextureRef(0), TextureRef(0, uv_set=1, offset=(0.1, 0), scale=(2, 2), rotation=0.3)
    full = Material(
        base_color=(0.5, 0.5, 0.5, 1),
        base_color_texture=ref,
        metallic_roughness_texture=ref,
        normal_texture=moved,
        occlusion_texture=moved,
        emissive=(0.1, 0.1, 0.1),
        emissive_texture=ref,
        double_sided=True,
        clearcoat=Clearcoat(1.0, ref, 0.1, ref, moved),
        sheen=Sheen((0.5, 0.5, 0.5), ref, 0.4, ref),
        specular=Specular(0.8, ref, (1, 0.9, 0.8), ref),
    )
    toon = Material(
        base_color_texture=ref,
        normal_texture=ref,
        emissive=(0.1, 0, 0),
        emissive_texture=ref,
        mtoon=MToon(
            shade_multiply_texture=ref,
            shading_shift_texture=moved,
            matcap_texture=ref,
            rim_color=(0.2, 0.2, 0.2),
            rim_multiply_texture=ref,
            outline_width_mode="screenCoordinates",
            outline_width=0.01,
            uv_animation_mask_texture=ref,
            uv_scroll_x_per_s=0.1,
        ),
    )
    gray = picture(np.full((8, 8, 4), 128, np.uint8))
    lighting = Lighting(key=Lamp((0, 1, 1), shadow="soft"), environment=ALL_AROUND)
    for material in (full, toon):
        shown = put(quad(material, pictures=[gray]))
        pixels = renderer.draw(Frame(camera, lighting, instances=[shown], time_s=1.0))
        assert 20 < pixels[32, 32, :3].mean() < 250


def test_layers_lie_on_top_pixel_for_pixel(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (7, 9, 4), np.uint8)
    noise[..., 3] = 255
    layer = Layer(Bitmap(noise), Rect(20, 30, 9, 7))
    pixels = renderer.draw(Frame(camera, instances=[put(quad(RED))], layers=[layer]))
    assert (pixels[30:37, 20:29] == noise).all()


def test_a_held_picture_dissolves_into_the_next(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    red, green = put(quad(RED)), put(quad(GREEN))
    renderer.draw(Frame(camera, instances=[red]))
    renderer.hold()
    shown = [middle(renderer.draw(Frame(camera, instances=[green], mix=Mix("dissolve", at)))) for at in (0.0, 0.5, 1.0)]
    assert shown[0] == (255, 0, 0)
    assert shown[1] == pytest.approx((127, 127, 0), abs=2)
    assert shown[2] == (0, 255, 0)


@pytest.mark.parametrize("kind", ["dip", "wipe", "zoom"])
def test_every_mix_begins_with_the_held_picture_and_ends_with_the_new(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable, kind: str
) -> None:
    red, green = put(quad(RED)), put(quad(GREEN))
    renderer.draw(Frame(camera, instances=[red]))
    renderer.hold()
    first = renderer.draw(Frame(camera, instances=[green], mix=Mix(kind, 0.0)))
    last = renderer.draw(Frame(camera, instances=[green], mix=Mix(kind, 1.0)))
    assert middle(first) == (255, 0, 0)
    assert middle(last) == (0, 255, 0)


def test_a_zoom_brings_its_aim_from_anywhere_to_the_middle(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    renderer.draw(Frame(camera, instances=[put(quad(RED, half_m=0.1), **place(0.4, -0.4, 0))]))
    renderer.hold()
    aim = 0.5 + 0.4 / 2
    nearly_there = renderer.draw(Frame(camera, mix=Mix("zoom", 0.9, toward=(aim, aim))))
    assert middle(nearly_there) == (pytest.approx(25, abs=2), 0, 0)


def test_a_vignette_darkens_corners_only(renderer: Renderer, camera: Camera) -> None:
    frame = Frame(camera, background=Background((0.5, 0.5, 0.5)), effects=Effects(vignette=0.8))
    pixels = renderer.draw(frame)
    assert middle(pixels)[0] == pytest.approx(127, abs=2)
    assert pixels[0, 0, 0] < 60


def test_bloom_glows_around_what_is_bright(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    lamp = put(quad(Material(base_color=(1, 1, 1, 1), unlit=True), half_m=0.2))
    plain = renderer.draw(Frame(camera, instances=[lamp])).astype(int)
    glowing = renderer.draw(Frame(camera, instances=[lamp], effects=Effects(bloom=0.8))).astype(int)
    beside = plain[32, 42], glowing[32, 42]
    assert beside[0][0] == 0
    assert beside[1][0] > 5
    assert glowing[2, 2, 0] < 3


def test_edges_are_smooth(renderer: Renderer, camera: Camera, quad: Quad) -> None:
    turn = np.radians(20)
    turned = EYE4.copy()
    turned[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    handle = renderer.load_model(quad(Material(base_color=(1, 1, 1, 1), unlit=True)))
    values = renderer.draw(Frame(camera, instances=[Instance(handle, turned)]))[..., 0]
    between = ((values > 20) & (values < 235)).sum()
    assert between > 60  # about one for each pixel of outline
    handle.release()


def test_pictures_come_in_the_order_they_were_begun(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    red, green = put(quad(RED)), put(quad(GREEN))
    renderer.begin(Frame(camera, instances=[red]))
    renderer.begin(Frame(camera, instances=[green]))
    assert renderer.in_flight == 2
    assert middle(renderer.finish()) == (255, 0, 0)
    assert middle(renderer.finish()) == (0, 255, 0)


def test_no_more_pictures_are_begun_than_there_is_room_for(renderer: Renderer, camera: Camera) -> None:
    for _ in range(renderer.profile.pictures_in_flight):
        renderer.begin(Frame(camera))
    with pytest.raises(FrameError, match="finish one first"):
        renderer.begin(Frame(camera))


def test_the_same_frame_gives_the_same_bytes(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    lighting = Lighting(key=Lamp((1, 1, 1), shadow="soft"), environment=ALL_AROUND)
    shown = put(quad(Material(metallic=0.3, roughness=0.4)))
    frame = Frame(camera, lighting, Background((0.1, 0.1, 0.1), (0.5, 0.5, 0.5)), [shown])
    assert (renderer.draw(frame) == renderer.draw(frame)).all()


@pytest.mark.parametrize("aperture_m", [0.0, 2.0], ids=["sharp", "soft"])
def test_the_graphics_card_profile_draws_the_same_picture(
    gpu: Gpu, camera: Camera, quad: Quad, aperture_m: float
) -> None:
    """On the software driver: multisampling, pixel buffers and sRGB textures against the processor's way."""
    camera = replace(camera, focus_m=(1.0, 1.2), aperture_m=aperture_m)
    checks = np.kron(np.indices((4, 4)).sum(0) % 2, np.ones((16, 16))).astype(np.uint8)[..., None]
    board = picture(np.concatenate([checks * 200 + 30] * 3 + [np.full_like(checks, 255)], 2))
    material = Material(base_color_texture=TextureRef(0), metallic=0, roughness=0.5)
    pictures = []
    for profile in (gpu.profile, GPU):
        with Renderer(gpu, (SIZE, SIZE), profile) as renderer:
            handle = renderer.load_model(quad(material, pictures=[board]))
            wall = renderer.load_model(quad(Material(unlit=True, base_color=(0.2, 0.3, 0.4, 1)), half_m=3))
            behind = EYE4.copy()
            behind[2, 3] = -1
            lighting = Lighting(key=Lamp((0.5, 0.5, 1), 2.0, shadow="soft"), environment=ALL_AROUND)
            frame = Frame(camera, lighting, instances=[Instance(handle, EYE4), Instance(wall, behind, "set")])
            for _ in range(2):
                renderer.begin(frame)
            renderer.finish()
            pictures.append(renderer.finish().astype(int))
            handle.release()
            wall.release()
    assert np.abs(pictures[0] - pictures[1]).mean() < 6  # texels are averaged as light, or as they are encoded


def test_a_lower_quality_draws_the_same_scene(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    shown = put(quad(RED))
    full = renderer.draw(Frame(camera, instances=[shown])).astype(int)
    renderer.rescale(0.5, plain=True)
    low = renderer.draw(Frame(camera, instances=[shown])).astype(int)
    assert low.shape == full.shape
    assert np.abs(full - low).mean() < 8


def test_a_set_is_rough_while_the_camera_moves_and_fine_when_it_rests(
    renderer: Renderer, quad: Quad, put: Callable
) -> None:
    wall, thing = put(quad(GREEN), "set", **place(0, 0, -1)), put(quad(RED), **place(0.3, 0, 0))
    cameras = [Camera(look_at((x, 0.4, 3), (0, 0, 0)), fov_deg=40) for x in (0.0, 0.05, 0.1, 0.15)]
    frames = [Frame(camera, instances=[wall, thing]) for camera in cameras]
    renderer.rescale(1.0, plain=True)
    apart = []
    for frame in frames:  # each as the first picture of a shot, which is always fine
        renderer.rescale(1.0, plain=True)
        apart.append(renderer.draw(frame).astype(int))
    renderer.rescale(1.0, plain=True)
    moving = [renderer.draw(frame).astype(int) for frame in frames]
    resting = renderer.draw(frames[-1]).astype(int)
    assert np.array_equal(moving[0], apart[0])
    differences = [np.abs(one - other).mean() for one, other in zip(moving[1:], apart[1:], strict=True)]
    assert all(0 < difference < 3 for difference in differences)
    assert np.array_equal(resting, apart[-1])


def test_switching_models_leaves_nothing_on_the_device(
    renderer: Renderer, gpu: Gpu, camera: Camera, quad: Quad
) -> None:
    board = picture(np.full((8, 8, 4), 90, np.uint8))
    model = quad(Material(base_color_texture=TextureRef(0), metallic=0), pictures=[board])
    lighting = Lighting(key=Lamp((0, 1, 1), shadow="soft"))
    counts = []
    for number in range(200):
        handle = renderer.load_model(model)
        makeup = (Makeup(0, Bitmap(np.full((4, 4, 4), number, np.uint8))),)
        renderer.draw(Frame(camera, lighting, instances=[Instance(handle, EYE4, makeup=makeup)]))
        handle.release()
        counts.append(gpu.live_objects)
    assert counts[-1] <= counts[2]


def test_a_size_of_zero_is_refused(gpu: Gpu) -> None:
    with pytest.raises(FrameError, match="0×720"):
        Renderer(gpu, (0, 720))


def test_a_camera_without_numbers_is_refused(renderer: Renderer) -> None:
    broken = np.full((4, 4), np.nan, np.float32)
    with pytest.raises(FrameError, match="camera"):
        renderer.draw(Frame(Camera(broken)))


def test_a_model_with_positions_that_are_no_numbers_is_refused_by_name(renderer: Renderer, quad: Quad) -> None:
    model = quad(RED)
    model.meshes[0].primitives[0].positions[1, 1] = np.nan
    with pytest.raises(AssetError, match=r"quad\.glb.*no numbers"):
        renderer.load_model(model)


def test_a_huge_picture_is_shrunk(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    wide = np.full((4, 4096, 4), 255, np.uint8)
    material = Material(base_color_texture=TextureRef(0), unlit=True)
    instance = put(quad(material, pictures=[picture(wide)]))
    assert middle(renderer.draw(Frame(camera, instances=[instance]))) == (255, 255, 255)


def test_the_parts_of_a_bodys_atlas_do_not_run_into_one_another_when_it_is_far(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    """A speck of two pixels: where the left one looks at the atlas, a red part lies between green ones."""
    atlas = np.full((512, 512, 4), 255, np.uint8)
    atlas[..., :3] = (0, 255, 0)
    atlas[:, 64:192, :3] = (255, 0, 0)
    speck = quad(Material(base_color_texture=TextureRef(0), unlit=True), half_m=2 / SIZE, pictures=[picture(atlas)])
    body = replace(speck, skins=(Skin("bones", (0,), np.eye(4, dtype=np.float32)[None]),))
    left = SIZE // 2 - 1
    greens = [renderer.draw(Frame(camera, instances=[put(model)]))[left, left, 1] for model in (body, speck)]
    assert greens[0] < 10
    assert greens[1] > 100


def test_the_vrm_consortiums_expression_sample_is_green(renderer: Renderer, samples: Path) -> None:
    pixels = _portrait(renderer, samples / "vrm-spec/VRMC_vrm_expressions_isBinary_Overrides.vrm")
    r, g, b = (pixels[12:32, 24:40, i].astype(int) for i in range(3))
    assert np.median(g) > 60
    assert np.median(g) > 2 * np.median(r)
    assert np.median(g) > 2 * np.median(b)


def test_mtoons_textures_move_with_time(renderer: Renderer, samples: Path) -> None:
    file = samples / "vrm-spec/VRMC_materials_mtoon_UV_Animation_Test.vrm"
    still, moved = _portrait(renderer, file, 0.0), _portrait(renderer, file, 0.3)
    assert np.abs(still.astype(int) - moved).mean() > 3


def test_mtoons_textures_turn_clockwise(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    upper = np.full((64, 64, 4), 255, np.uint8)
    upper[32:, :, :3] = 0
    turning = Material(base_color_texture=TextureRef(0), mtoon=MToon(uv_rotation_rad_per_s=np.pi / 2))
    shown = put(quad(turning, pictures=[picture(upper)]))
    lit = Lighting(ambient=(3, 3, 3))
    begun, quarter = (renderer.draw(Frame(camera, lit, instances=[shown], time_s=t)).astype(int) for t in (0.0, 1.0))
    assert begun[20, 32, 0] > begun[44, 32, 0] + 100
    assert quarter[32, 44, 0] > quarter[32, 20, 0] + 100


def _portrait(renderer: Renderer, file: Path, time_s: float = 0.0) -> Pixels:
    """A model seen from the front, filling the picture."""
    model = load(file)
    handle = renderer.load_model(model)
    low, high = rest_bounds(model)
    center, size = (low + high) / 2, float((high - low).max())
    camera = Camera(look_at(center + np.float32([0, 0, size * 1.6]), center), fov_deg=36)
    lighting = Lighting(key=Lamp((0, 0, 1), 3.14), ambient=(1, 1, 1))
    pixels = renderer.draw(Frame(camera, lighting, instances=[Instance(handle, EYE4)], time_s=time_s))
    handle.release()
    return pixels


def delta_e(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """CIE76 between two sRGB colours 0…255; never less than ΔE00 for what is compared here."""

    def lab(color: tuple[float, ...]) -> NDArray[np.float64]:
        c = np.array(color) / 255
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
        f = np.cbrt(np.maximum(xyz / (0.9505, 1.0, 1.089), 0.008856))
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    return float(np.linalg.norm(lab(a) - lab(b)))


def test_a_split_is_one_picture_left_of_its_line_and_the_other_right_of_it(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    floor = put(quad(Material("wall", base_color=(0.5, 0.5, 0.5, 1), metallic=0), half_m=0.9), "set", **place(0, 0, -1))
    face = put(quad(Material("face", base_color=(0.8, 0.5, 0.4, 1), metallic=0), half_m=0.5), "host")
    hat = put(quad(GREEN, half_m=0.3), "worn", **place(0, 0.3, 0.2))
    light = Lighting(Lamp((0, 1, 1), 2.0, shadow="hard"), ambient=(0.3, 0.3, 0.3))
    after, before = [floor, face, hat], [floor, face]
    both = renderer.draw(Frame(camera, light, instances=after, split=Split(0.5, before))).copy()
    with_it = renderer.draw(Frame(camera, light, instances=after)).copy()
    without = renderer.draw(Frame(camera, light, instances=before)).copy()
    line_px = SIZE // 2
    on_face = slice(SIZE // 4 + 2, 3 * SIZE // 4 - 2)  # the wall behind has one shadow for both
    assert np.array_equal(both[on_face, line_px:48], with_it[on_face, line_px:48])
    assert np.array_equal(both[on_face, 16:line_px], without[on_face, 16:line_px])
    assert not np.array_equal(with_it[on_face, 16:line_px], without[on_face, 16:line_px])


def test_after_a_split_a_shadow_falls_as_before(renderer: Renderer, camera: Camera, quad: Quad, put: Callable) -> None:
    face, hat = put(quad(half_m=0.5), "host"), put(quad(GREEN, half_m=0.3), "worn", **place(0, 0.3, 0.2))
    frame = Frame(camera, Lighting(Lamp((0, 1, 1), 2.0, shadow="hard")), instances=[face, hat])
    whole = renderer.draw(frame).copy()
    renderer.draw(replace(frame, split=Split(0.5, [face])))
    assert np.array_equal(renderer.draw(frame), whole)
