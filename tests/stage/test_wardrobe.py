"""What the host wears is worked out once, and ahead of the moment where there is time."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from nightcast.gltf.load import load
from nightcast.host.host import Host
from nightcast.host.rig import Rig
from nightcast.show.catalog import Catalog
from nightcast.show.load import load_yaml, resolve
from nightcast.stage import wardrobe as room
from nightcast.stage.frame import Instance
from nightcast.stage.state import Handling, Worn
from nightcast.stage.stock import Library
from nightcast.stage.wardrobe import Wardrobe
from nightcast.tryon.fit import fit
from nightcast.tryon.wearer import Wearer

ROOT = Path(__file__).resolve().parents[2]
CATALOG_FILE = ROOT / "assets" / "catalog.yaml"
CATALOG = load_yaml(CATALOG_FILE, Catalog, ROOT)


@pytest.fixture(scope="module")
def wearer() -> Wearer:
    return Wearer.of(Rig(load(ROOT / "avatars/lan/host.vrm")))


class Shelf:
    """Models as a library gives them, without a device."""

    def __init__(self) -> None:
        self._loaded: dict[Path, Any] = {}

    def model(self, file: Path) -> Any:
        if file not in self._loaded:
            self._loaded[file] = SimpleNamespace(handle=SimpleNamespace(model=load(file)))
        return self._loaded[file]


def test_what_was_fitted_ahead_is_not_fitted_again(wearer: Wearer, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[str] = []

    def counted(product: Any, *more: Any) -> Any:
        fitted.append(product.id)
        return fit(product, *more)

    monkeypatch.setattr(room, "fit", counted)
    shelf, told = Shelf(), list[str]()
    wardrobe = Wardrobe(wearer, CATALOG, CATALOG_FILE, cast("Library", shelf), told.append)
    cap, earrings = CATALOG.product("cap"), CATALOG.product("earrings")
    assert cap is not None
    assert cap.model is not None
    assert earrings is not None
    wardrobe.fit_ahead(cap, shelf.model(resolve(CATALOG_FILE, cap.model)).handle.model)
    assert set(wardrobe.touches("cap", True)) == {"left", "right"}
    assert set(wardrobe.touches("cap", False)) == {"left", "right"}
    assert fitted == ["cap"]
    assert set(wardrobe.touches("earrings", True)) == {"left", "right"}
    assert fitted == ["cap", "earrings"]
    assert told == []


def test_hands_that_make_up_touch_the_face_and_those_without_a_way_touch_nothing(wearer: Wearer) -> None:
    wardrobe = Wardrobe(wearer, CATALOG, CATALOG_FILE, cast("Library", Shelf()), [].append)
    on, off = wardrobe.touches("lipstick", True), wardrobe.touches("lipstick", False)
    assert on["right"].bone == off["right"].bone == "head"
    assert on["right"].away[2] > off["right"].away[2] + 0.01, "the lipstick is between fingers and lips"
    assert wardrobe.touches("sneaker", True) == wardrobe.touches("spaceship", True) == {}


def test_hair_gives_way_where_a_hat_is_and_not_while_it_is_in_hands_that_hang(wearer: Wearer) -> None:
    wardrobe = Wardrobe(wearer, CATALOG, CATALOG_FILE, cast("Library", Shelf()), [].append)
    mark = np.eye(4, dtype=np.float32)
    device: Any = SimpleNamespace(drop_makeup=lambda keep: None)
    frame = Host(wearer.rig.model, seed=1).update(1.0)

    def shape(**handled: Handling) -> object:
        dressed = wardrobe.dress([Instance(device, mark, "host")], (Worn("cap"),), frame, mark, handled)
        (host,) = (instance for instance in dressed if instance.kind == "host")
        return host.shape

    assert shape() is not None
    assert shape() is shape(), "or it would be reshaped in each picture"
    assert shape(cap=Handling(True, 0.0, 10.0, 11.0)) is None
