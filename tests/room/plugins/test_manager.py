"""Plugins as processes: started, reloaded, restarted, quarantined, bounded."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nightcast.room.errors import ManifestError
from nightcast.room.events import Comment, User
from nightcast.room.plugins.launch import clean_environment
from nightcast.room.plugins.manager import PluginManager
from nightcast.room.plugins.manifest import load_plugin
from nightcast.room.plugins.scaffold import new_plugin
from nightcast.show.errors import ShowError
from nightcast.show.fields import Text

ENGINE = Path(__file__).parents[3] / "engine"


def manager(live, tmp_path: Path, **options) -> PluginManager:
    return PluginManager(live.hub, live.url, tmp_path / "run", rng=random.Random(1), **options)


def comment(text: str) -> Comment:
    return Comment(comment_id=text, user=User(ref="u", nickname="Amy"), text=text)


async def test_a_new_plugin_runs_and_a_changed_one_takes_its_session_over(live, until, tmp_path: Path) -> None:
    folder = new_plugin(tmp_path, "hello")
    plugins = manager(live, tmp_path, watch=True)
    plugins.add(folder)
    plugins.start()
    await until(lambda: plugins.status()[0].state == "running")
    session = live.core.session_of("hello")[0]
    live.hub.publish(comment("hello one"))
    await until(lambda: len(live.done("speech.say")) == 1)

    code = folder / "plugin.py"
    code.write_text(code.read_text().replace("welcome!", "good night!"))
    await until(lambda: plugins.status()[0].detail == Text(en="reloaded", zh="已重新加载"))
    assert live.core.session_of("hello")[0] == session
    live.hub.publish(comment("hello two"))
    await until(lambda: len(live.done("speech.say")) == 2)
    assert [d.text for d in live.done("speech.say")] == ["Hello A***, welcome!", "Hello A***, good night!"]

    code.write_text("raise SystemExit(1)")
    await until(lambda: "stays" in str(plugins.status()[0].detail))
    live.hub.publish(comment("hello three"))
    await until(lambda: len(live.done("speech.say")) == 3)
    await plugins.stop()


async def test_a_crash_loop_ends_in_quarantine(live, until, tmp_path: Path) -> None:
    folder = new_plugin(tmp_path, "broken")
    (folder / "plugin.yaml").write_text("id: broken\nabout: It ends at once.\ncommand: [sh, -c, 'exit 7']\n")
    begin = time.monotonic()
    plugins = manager(live, tmp_path, clock_s=lambda: begin + (time.monotonic() - begin) * 3)
    plugins.add(folder)
    plugins.start()
    await until(lambda: plugins.status()[0].state == "quarantined")
    status = plugins.status()[0]
    assert (status.restarts, "exit status 7" in status.detail.en) == (5, True)
    plugins.release("broken")
    await until(lambda: plugins.status()[0].restarts == 6)
    await plugins.stop()


async def test_a_plugin_that_cannot_be_started_now_is_tried_again(live, until, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("in the way, as a full disk would be")
    plugins = manager(live, tmp_path)
    plugins.add(new_plugin(tmp_path, "hello"))
    plugins.start()
    await until(lambda: plugins.status()[0].state == "waiting")
    assert "again in" in plugins.status()[0].detail.en
    (tmp_path / "run").unlink()
    await until(lambda: plugins.status()[0].state == "running")
    await plugins.stop()


def test_a_plugin_that_eats_memory_ends_itself_only(tmp_path: Path) -> None:
    folder = new_plugin(tmp_path, "hungry")
    (folder / "plugin.yaml").write_text("id: hungry\nabout: Eats.\nrun: plugin.py\nlimits: {memory_mb: 64}\n")
    (folder / "plugin.py").write_text("held = []\nwhile True: held.append(bytearray(8 << 20))\n")
    argv = [sys.executable, "-m", "nightcast.room.plugins.launch", str(folder)]
    done = subprocess.run(argv, capture_output=True, timeout=30, env={"PYTHONPATH": str(ENGINE)}, check=False)
    assert done.returncode == 1
    assert b"MemoryError" in done.stderr


def test_a_plugin_sees_no_secrets_of_the_host() -> None:
    seen = clean_environment({"PATH": "/bin", "RTMP_KEY": "s3cret", "NIGHTCAST_TOKEN": "t", "LC_ALL": "C"})
    assert seen == {"PATH": "/bin", "NIGHTCAST_TOKEN": "t", "LC_ALL": "C", "PYTHONUNBUFFERED": "1"}


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="needs Linux")
async def test_a_plugin_that_takes_a_core_is_held_back(live, until, tmp_path: Path) -> None:
    folder = new_plugin(tmp_path, "greedy")
    code = (folder / "plugin.py").read_text()
    (folder / "plugin.py").write_text(code.replace("    await ctx.say", "    while True: pass\n    await ctx.say"))
    plugins = manager(live, tmp_path)
    plugins.add(folder)
    plugins.start()
    await until(lambda: plugins.status()[0].state == "running")
    live.hub.publish(comment("hello"))
    await until(lambda: "of a core" in str(plugins.status()[0].detail))
    assert os.sched_getscheduler(plugins.status()[0].pid) == os.SCHED_IDLE
    await plugins.stop()


async def test_careful_scopes_are_granted_by_name_only(live, tmp_path: Path) -> None:
    folder = new_plugin(tmp_path, "giver")
    text = "id: giver\nabout: Gives.\nrun: plugin.py\nscopes: [speech:write, promo:write, order:read]\n"
    (folder / "plugin.yaml").write_text(text)
    manager(live, tmp_path).add(folder)
    assert live.grants["giver"].scopes == {"speech:write", "order:read"}
    manager(live, tmp_path).add(folder, grant=["promo:write"])
    assert live.grants["giver"].scopes == {"speech:write", "order:read", "promo:write"}


def test_mistakes_in_a_manifest_are_named_with_their_line(tmp_path: Path) -> None:
    folder = new_plugin(tmp_path, "wrong")
    (folder / "plugin.yaml").write_text("id: wrong\nabout: x\nrun: plugin.py\nscoops: []\n")
    with pytest.raises(ShowError, match=r"plugin\.yaml:4"):
        load_plugin(folder)
    (folder / "plugin.yaml").write_text("id: wrong\nabout: x\nrun: other.py\n")
    with pytest.raises(ManifestError, match=r"other\.py does not exist"):
        load_plugin(folder)
    with pytest.raises(ManifestError, match="nightcast plugin new"):
        load_plugin(tmp_path)


def test_the_scaffold_refuses_bad_names_and_full_folders(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="small letters"):
        new_plugin(tmp_path, "My Plugin")
    new_plugin(tmp_path, "mine")
    with pytest.raises(ManifestError, match="there already"):
        new_plugin(tmp_path, "mine")


@pytest.mark.slow
def test_the_scaffold_passes_its_own_test(tmp_path: Path) -> None:
    folder = new_plugin(tmp_path, "mine")
    argv = [sys.executable, "-m", "nightcast", "plugin", "test", str(folder), "-p", "no:cacheprovider"]
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=60, env={"PYTHONPATH": str(ENGINE)}, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
