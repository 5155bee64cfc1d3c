"""The heavy avatar that the host's cost is measured with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nightcast.director.host_bench import crowded
from nightcast.gltf import load
from nightcast.host import Host


def test_the_heavy_avatar_has_its_joints_and_all_of_them_swing(repository: Path) -> None:
    model = load(repository / "avatars/lan/host.vrm")
    heavy = crowded(model, 300)
    added = len(heavy.nodes) - len(model.nodes)
    assert sum(node.mesh is None and not node.name.startswith("anchor_") for node in heavy.nodes) >= 300
    assert model.vrm is not None
    assert heavy.vrm is not None
    swung = {joint.node for spring in heavy.vrm.springs for joint in spring.joints}
    assert swung > set(range(len(model.nodes), len(heavy.nodes)))
    assert added % 6 == 0
    host = Host(heavy)
    for step in range(30):
        frame = host.update(step / 30)
    assert np.isfinite(frame.node_world).all()
    tips = frame.node_world[[len(heavy.nodes) - 1, len(model.nodes) + 5], :3, 3]
    assert (tips[:, 1] < frame.node_world[heavy.vrm.bones["head"], 1, 3] + 0.05).all()  # hair hangs
