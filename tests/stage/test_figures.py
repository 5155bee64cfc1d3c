"""People in the mirror: what they may put on next is fitted before they do."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.load import load
from nightcast.gltf.records import Model
from nightcast.host.rig import Rig
from nightcast.show.catalog import Catalog, Product
from nightcast.show.load import load_yaml
from nightcast.stage import figures as module
from nightcast.stage.figures import Figures
from nightcast.stage.gpu import Gpu
from nightcast.stage.renderer import Renderer
from nightcast.tryon.fit import Fitted, fit
from nightcast.tryon.heads import head_model
from nightcast.tryon.person import Person
from nightcast.tryon.wearer import Wearer


def test_what_may_come_next_is_fitted_aside_once_a_head_is_settled(
    repository: Path, gpu: Gpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitters: list[str] = []

    def noted(product: Product, model: Model, wearer: Wearer) -> Fitted:
        fitters.append(threading.current_thread().name)
        return fit(product, model, wearer)

    monkeypatch.setattr(module, "fit", noted)
    file = repository / "assets" / "catalog.yaml"
    caps = load_yaml(file, Catalog, repository).product("cap")
    assert caps is not None
    assert caps.model is not None
    somebody = Person(
        1, np.eye(3), np.array([0.0, 0.0, -600.0]), 1.0, np.zeros(len(head_model().modes_mm)), 1.0, (0, 0, 1, 1), 0.0
    )
    with Renderer(gpu, (64, 64)) as renderer:
        stocked = renderer.load_model(load(file.parent / caps.model))
        figures = Figures(renderer, Wearer.of(Rig(load(repository / "avatars/lan/host.vrm"))))
        figures.expect(caps, stocked.model)
        for _ in range(3):
            (figure,) = figures.of([somebody])
        assert not figure._ahead, "a head that was just seen is still learnt"
        for _ in range(20):
            (figure,) = figures.of([somebody])
        figure._ahead["cap"].result(20)
        assert figure.fitted(caps, stocked)[0].product == "cap"
        assert len(fitters) == 1
        assert fitters[0].startswith("figures")
        figures.release()
        stocked.release()
