"""People in the mirror: what they may put on next is fitted before they do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
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
from nightcast.stage.model import ModelHandle
from nightcast.stage.renderer import Renderer
from nightcast.tryon.fit import Fitted, fit
from nightcast.tryon.heads import head_model
from nightcast.tryon.person import Person
from nightcast.tryon.wearer import Wearer


@pytest.fixture
def cap(repository: Path) -> Product:
    found = load_yaml(repository / "assets" / "catalog.yaml", Catalog, repository).product("cap")
    assert found is not None
    return found


@pytest.fixture
def stocked(repository: Path, cap: Product, renderer: Renderer) -> Iterator[ModelHandle]:
    assert cap.model is not None
    handle = renderer.load_model(load(repository / "assets" / cap.model))
    yield handle
    handle.release()


@pytest.fixture
def renderer(gpu: Gpu) -> Iterator[Renderer]:
    with Renderer(gpu, (64, 64)) as renderer:
        yield renderer


@pytest.fixture(scope="module")
def lan(repository: Path) -> Wearer:
    return Wearer.of(Rig(load(repository / "avatars/lan/host.vrm")))


class Fitting:
    """Fits as `fit` does, once it may; knows on which threads."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.threads: list[str] = []

    def __call__(self, product: Product, model: Model, wearer: Wearer) -> Fitted:
        self.threads.append(threading.current_thread().name)
        if threading.current_thread() is not threading.main_thread():
            assert self.may.wait(60)
        return fit(product, model, wearer)


@pytest.fixture
def fitting(monkeypatch: pytest.MonkeyPatch) -> Fitting:
    fitting = Fitting()
    monkeypatch.setattr(module, "fit", fitting)
    return fitting


def somebody(first_mode: float = 0.0) -> Person:
    likeness = np.zeros(len(head_model().modes_mm))
    likeness[0] = first_mode
    return Person(1, np.eye(3), np.array([0.0, 0.0, -600.0]), 1.0, likeness, 1.0, (0, 0, 1, 1), 0.0)


def test_what_may_come_next_is_fitted_aside_once_a_head_is_settled(
    lan: Wearer, cap: Product, stocked: ModelHandle, renderer: Renderer, fitting: Fitting
) -> None:
    fitting.may.set()
    figures = Figures(renderer, lan)
    figures.expect(cap, stocked.model)
    for _ in range(3):
        (figure,) = figures.of([somebody()])
    assert not figure._ahead, "a head that was just seen is still learnt"
    for _ in range(20):
        (figure,) = figures.of([somebody()])
    figure._ahead["cap"].result(20)
    assert figure.fitted(cap, stocked)[0].product == "cap"
    assert len(fitting.threads) == 1
    assert fitting.threads[0].startswith("figures")
    figures.release()


def test_a_live_picture_does_not_wait_for_a_fit_and_shows_the_reference_s_meanwhile(
    lan: Wearer, cap: Product, stocked: ModelHandle, renderer: Renderer, fitting: Fitting
) -> None:
    figures = Figures(renderer, lan, waits=False)
    (figure,) = figures.of([somebody()], [(cap, stocked.model)])
    assert figures.model_for(figure, cap) is figures.reference
    fitting.may.set()
    figure._ahead["cap"].result(20)
    assert figures.model_for(figure, cap) is figure
    figures.release()


def test_whoever_is_known_better_goes_on_as_they_were_until_what_they_wear_fits(
    lan: Wearer, cap: Product, stocked: ModelHandle, renderer: Renderer, fitting: Fitting
) -> None:
    worn = [(cap, stocked.model)]
    figures = Figures(renderer, lan, waits=False)
    (before,) = figures.of([somebody()], worn)
    (meanwhile,) = figures.of([somebody(3.0)], worn)
    assert meanwhile is before
    fitting.may.set()
    figures._coming[1]._ahead["cap"].result(20)
    (after,) = figures.of([somebody(3.0)], worn)
    assert after is not before
    assert figures.model_for(after, cap) is after
    figures.release()


def test_a_photograph_waits(
    lan: Wearer, cap: Product, stocked: ModelHandle, renderer: Renderer, fitting: Fitting
) -> None:
    figures = Figures(renderer, lan, waits=True)
    worn = [(cap, stocked.model)]
    figures.of([somebody()], worn)
    (figure,) = figures.of([somebody(3.0)], worn)
    assert np.array_equal(figure.places_mm, head_model().places_of(somebody(3.0).likeness))
    fitting.may.set()
    assert figures.model_for(figure, cap).fitted(cap, stocked)[0].product == "cap"
    figures.release()
