"""The page in a real browser: it plays picture and sound, shows the night, and steers it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from tests.air.pattern import FPS
from tests.air.programmes import SMALL, Feeder, encoded, kill_playlist
from tests.console.browser import browser
from tests.console.night import STATE, Night

from nightcast.air.encoder import Encoder
from nightcast.air.messages import HlsSpec
from nightcast.air.outputs.programme import Outputs
from nightcast.console import Console
from nightcast.console.view import Compare, EndNight, Hush, Resume, Say, ShowGuest, ShowOverlay, SwitchProduct
from nightcast.director.page import Page
from nightcast.show.fields import Text

#: Set to a folder to keep pictures of the page, for a person to look at.
_PICTURES = os.environ.get("NIGHTCAST_PICTURES")


def start_air(directory: Path, first_frame: int = 0) -> Feeder:
    encoder = Encoder(SMALL, first_frame)
    outputs = Outputs(encoder, "", {}, Random(1))
    outputs.add(HlsSpec(id="hls", directory=directory, keep_segments=4))
    return Feeder(outputs, encoder, first_frame=first_frame)


@pytest.fixture
async def on_air(tmp_path: Path) -> AsyncIterator[tuple[Console, Night, Path]]:
    feeder = start_air(tmp_path / "live")
    night = Night()
    console = Console(night, Page(port=0), tmp_path / "live")
    await console.start()
    yield console, night, tmp_path
    await console.stop()
    feeder.close()


@pytest.mark.slow
async def test_the_programme_plays_with_sound_close_to_the_live_edge(on_air: tuple[Console, Night, Path]) -> None:
    console, _, folder = on_air
    async with browser(folder / "profile", "--autoplay-policy=no-user-gesture-required") as page:
        await page.go(console.page.url)
        await page.until("video.currentTime > 0 && !video.paused && video.readyState >= 3")
        await page.value(
            """(() => {
              const context = new AudioContext();
              window.meter = new AnalyserNode(context, { fftSize: 2048 });
              context.createMediaElementSource(video).connect(window.meter).connect(context.destination);
            })()"""
        )
        before = await page.value("[video.currentTime, video.getVideoPlaybackQuality().totalVideoFrames]")
        await page.until(f"video.currentTime > {before[0]} + 3")
        frames = await page.value("video.getVideoPlaybackQuality().totalVideoFrames")
        assert frames > before[1] + 60
        loud = """(() => {
          const samples = new Float32Array(2048);
          window.meter.getFloatTimeDomainData(samples);
          return Math.max(...samples.map(Math.abs)) > 0.05;
        })()"""
        await page.until(loud)
        assert await page.value("nightcastPlayer.delay") < 8
        assert await page.value("document.getElementById('waiting').hidden")
        if _PICTURES:
            await page.size(1440, 900)
            await page.screenshot(Path(_PICTURES) / "console.png")
            await page.value("document.getElementById('language').click()")
            await page.size(390, 844, mobile=True)
            await page.screenshot(Path(_PICTURES) / "console-phone.png")
            await page.size(390, 2600, mobile=True)
            await page.screenshot(Path(_PICTURES) / "console-phone-long.png")


@pytest.mark.slow
async def test_where_the_browser_forbids_sound_one_click_turns_it_on(on_air: tuple[Console, Night, Path]) -> None:
    console, _, folder = on_air
    async with browser(folder / "profile", "--autoplay-policy=document-user-activation-required") as page:
        await page.go(console.page.url)
        await page.until("video.currentTime > 0")
        if await page.value("!video.muted"):
            pytest.skip("this browser lets every page play with sound")
        await page.until("!sound.hidden")
        await page.value("sound.click()", gesture=True)
        await page.until("!video.muted && !video.paused && sound.hidden")


@pytest.mark.slow
async def test_the_page_plays_on_after_air_has_restarted(tmp_path: Path) -> None:
    feeder = start_air(tmp_path / "live")
    console = Console(Night(), Page(port=0), tmp_path / "live")
    await console.start()
    try:
        async with browser(tmp_path / "profile", "--autoplay-policy=no-user-gesture-required") as page:
            await page.go(console.page.url)
            await page.until("video.currentTime > 2")
            await asyncio.to_thread(feeder.close)
            kill_playlist(tmp_path / "live" / "live.m3u8")
            frames = await page.value("video.getVideoPlaybackQuality().totalVideoFrames")
            feeder = start_air(tmp_path / "live", first_frame=20 * FPS)
            playlist = tmp_path / "live" / "live.m3u8"
            await page.until("video.currentTime > 9 && !video.paused")
            assert await page.value("video.getVideoPlaybackQuality().totalVideoFrames") > frames + 90
            assert "#EXT-X-DISCONTINUITY" in playlist.read_text()
    finally:
        await console.stop()
        await asyncio.to_thread(feeder.close)


@pytest.mark.slow
async def test_what_a_past_night_has_left_is_not_shown_as_live(tmp_path: Path) -> None:
    encoder = Encoder(SMALL)
    outputs = Outputs(encoder, "", {}, Random(1))
    outputs.add(HlsSpec(id="hls", directory=tmp_path / "live"))
    for packets in encoded(encoder, 6):
        outputs.packets(packets)
    outputs.close(10)
    console = Console(Night(), Page(port=0), tmp_path / "live")
    await console.start()
    try:
        async with browser(tmp_path / "profile", "--autoplay-policy=no-user-gesture-required") as page:
            await page.go(console.page.url)
            tries = "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('live.m3u8')).length"
            await page.until(f"{tries} >= 2")
            assert await page.value("video.currentTime === 0 && !document.getElementById('waiting').hidden")
            feeder = start_air(tmp_path / "live")
            try:
                await page.until("video.currentTime > 0.5 && document.getElementById('waiting').hidden")
            finally:
                await asyncio.to_thread(feeder.close)
    finally:
        await console.stop()


@pytest.mark.slow
async def test_the_page_shows_the_night_and_its_buttons_steer_it(tmp_path: Path) -> None:
    night = Night()
    console = Console(night, Page(port=0), tmp_path)
    await console.start()
    try:
        async with browser(tmp_path / "profile") as page:
            await page.go(console.page.url)
            await page.until("document.getElementById('now').textContent.includes('acetate')")
            text = await page.value("document.body.innerText")
            for shown in ("1,283", "CN¥9,583.00", "02:03:04", "Connection refused", "小满", "medical claim", "68"):
                assert shown in text
            await page.value("hush.click()")
            await page.until("hush.textContent === 'Go on'")
            await page.value("hush.click()")
            await page.until("hush.textContent === 'Silence now'")
            await page.value("document.getElementById('say-text').value = 'It cures tired eyes.'; say.requestSubmit()")
            await page.until("answer.textContent.includes('refused')")
            assert await page.value("document.getElementById('say-text').value") == "It cures tired eyes."
            await page.value("product.value = 'hat'; product.dispatchEvent(new Event('change'))")
            await page.value("document.querySelector('[data-overlay=countdown]').click()")
            assert "The host wears Amber round glasses" in text
            await page.value("document.getElementById('compare').click()")
            if _PICTURES:
                await page.size(1440, 1200)
                await page.screenshot(Path(_PICTURES) / "console-worn.png")
            await page.value(
                """(() => {
                  const chosen = new DataTransfer();
                  chosen.items.add(new File(["a face"], "me.jpg"));
                  document.getElementById("guest-photo").files = chosen.files;
                  document.getElementById("guest-product").value = "amber";
                  document.getElementById("guest-show").click();
                })()"""
            )
            assert not night.photos, "without their consent the form is not sent"
            await page.value("document.getElementById('guest-agreed').click()")
            await page.value("document.getElementById('guest-show').click()")
            await page.until("!document.getElementById('guest-agreed').checked")
            assert night.photos == [b"a face"]
            await page.value("end.click()")
            await page.value("end.click()")
            await page.until("answer.textContent === 'Done.'")
            await page.until("document.readyState === 'complete'")
            await page.value("language.click()")
            await page.until("document.body.innerText.includes('立即静音')")
            text = await page.value("document.body.innerText")
            for shown in (
                "琥珀圆框眼镜 · 观众想看",
                "Felt hat",
                "近景",
                "价格卡",
                "插件 answers",
                "重启 3 次",
                "8 秒后重试",
                "对方拒绝连接",
                "宣称疗效",
            ):
                assert shown in text
            warning = Text(en="The edited scene stays off the air: kelvin", zh="修改后的场景有错，未采用：kelvin")
            night.shown = STATE.model_copy(update={"warning": warning})
            await page.until("document.getElementById('warning').textContent === '修改后的场景有错，未采用：kelvin'")
            await page.value("language.click()")
            await page.until("document.getElementById('warning').textContent.includes('stays off the air: kelvin')")
            assert night.told == [
                Hush(),
                Resume(),
                Say(text="It cures tired eyes."),
                SwitchProduct(product="hat"),
                ShowOverlay(overlay="countdown"),
                Compare(product="amber"),
                ShowGuest(photo="me.jpg", product="amber", consent=True),
                EndNight(),
            ]
            await page.size(360, 740, mobile=True)
            assert await page.value("document.documentElement.scrollWidth <= innerWidth"), "it fits a phone"
    finally:
        await console.stop()
