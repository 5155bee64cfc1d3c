"""RTMP: the protocol by itself, and the sender against a real server that dies, hangs and refuses."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.air.nginx import Nginx, nginx
from tests.air.pattern import FPS, offsets_s
from tests.air.programmes import SMALL, Feeder, encoded, wait_for

from nightcast.air.encoder import Encoder, EncoderSettings
from nightcast.air.errors import OutputError
from nightcast.air.messages import HlsSpec, OutputHealth, RtmpSpec
from nightcast.air.outputs import amf, rtmp
from nightcast.air.outputs.programme import Outputs
from nightcast.air.outputs.rtmp import RtmpSink, RtmpUrl
from nightcast.air.outputs.rtmp_protocol import ChunkReader, FlvTags, Publisher, Refused, chunks

__all__ = ["nginx"]  # a fixture


# --- the protocol --------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=3),
        max_leaves=5,
    )
)
def test_amf_values_come_back_as_they_went(value: amf.Value) -> None:
    assert amf.decode(amf.encode(value, "end")) == [value, "end"]


def test_amf_nested_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="deeply"):
        amf.decode(b"\x0a\0\0\0\x01" * 10_000)


@settings(max_examples=80)
@given(data=st.binary(max_size=80))
def test_broken_amf_is_a_value_error(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        amf.decode(data)


@settings(max_examples=60)
@given(
    messages=st.lists(
        st.tuples(st.sampled_from([8, 9, 20]), st.integers(0, 2**32 - 1), st.binary(max_size=600)), max_size=5
    ),
    cuts=st.lists(st.integers(1, 300), min_size=1),
)
def test_messages_survive_chunking_at_any_timestamp(messages: list[tuple[int, int, bytes]], cuts: list[int]) -> None:
    """Timestamps beyond 4.7 hours are written in another way, which a night reaches."""
    stream = b"".join(chunks(6, kind, 1, timestamp, payload, 128) for kind, timestamp, payload in messages)
    reader, got, n = ChunkReader(), [], 0
    while stream:
        size = cuts[n % len(cuts)]
        got += list(reader.feed(stream[:size]))
        stream, n = stream[size:], n + 1
    assert got == [(kind, payload) for kind, _, payload in messages]


def test_a_message_that_is_broken_off_for_another_is_forgotten() -> None:
    broken_off = chunks(3, 20, 0, 0, b"a" * 200, 128)[: 12 + 128]
    for size in (16, 116, 300):
        whole = chunks(3, 20, 0, 0, b"b" * size, 128)
        assert list(ChunkReader().feed(broken_off + whole)) == [(20, b"b" * size)]


def test_flv_tags_are_cut_out_of_any_pieces() -> None:
    payloads = [b"a" * 5, b"", b"b" * 300]
    flv = b"FLV\x01\x05\0\0\0\x09\0\0\0\0"
    for n, payload in enumerate(payloads):
        flv += bytes([9]) + len(payload).to_bytes(3, "big") + b"\x00\x00" + bytes([n, 1]) + b"\0\0\0"
        flv += payload + struct.pack(">I", 11 + len(payload))
    tags = FlvTags()
    got = [tag for at in range(0, len(flv), 7) for tag in tags.feed(flv[at : at + 7])]
    assert got == [(9, n | 1 << 24, payload) for n, payload in enumerate(payloads)]


def command(*values: amf.Value) -> bytes:
    return chunks(3, 20, 0, 0, amf.encode(*values), 128)


def in_dialogue() -> Publisher:
    publisher = Publisher("live", "rtmp://h/live", "s3cret", bytes(1528))
    publisher.receive(b"\x03" + bytes(3072))
    return publisher


def test_the_dialogue_leads_to_publishing_and_answers_pings() -> None:
    publisher = in_dialogue()
    out = publisher.take_output()
    assert b"connect" in out
    publisher.receive(command("_result", 1.0, {}, {}))
    publisher.receive(command("_result", 4.0, None, 3.0))
    assert b"publish" in publisher.take_output()
    assert not publisher.ready
    publisher.receive(command("onStatus", 0.0, None, {"level": "status", "code": "NetStream.Publish.Start"}))
    assert publisher.ready
    publisher.receive(chunks(2, 4, 0, 0, b"\x00\x06\x01\x02\x03\x04", 128))
    assert publisher.take_output().endswith(b"\x00\x07\x01\x02\x03\x04")


def test_a_refusal_gives_the_servers_reason_without_the_key() -> None:
    publisher = in_dialogue()
    status = {
        "level": "error",
        "code": "NetStream.Publish.BadName",
        "description": "s3cret: someone is publishing",
    }
    with pytest.raises(Refused, match="BadName") as caught:
        publisher.receive(command("onStatus", 5.0, None, status))
    assert "s3cret" not in str(caught.value)


def test_a_url_is_taken_apart_and_shown_without_its_key() -> None:
    url = RtmpUrl.parse("rtmps://live.example.com/app/inst/key-1?sig=abc")
    assert (url.host, url.port, url.app, url.key) == ("live.example.com", 443, "app/inst", "key-1?sig=abc")
    assert url.server == "rtmps://live.example.com:443/app/inst"
    spec = RtmpSpec(id="r", url="rtmp://h/app/key-1")
    assert "key-1" not in repr(spec)
    with pytest.raises(OutputError, match="stream-key"):
        RtmpSink(RtmpSpec(id="r", url="rtmp://host/key"), {})


def test_a_host_that_can_have_no_address_is_told_by_name() -> None:
    with pytest.raises(OutputError, match=r"'live\.\.example\.com' cannot be the name of a server"):
        RtmpSink(RtmpSpec(id="r", url="rtmp://live..example.com/app/key"), {})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1.0, 2.0**32])
def test_a_server_that_gives_no_stream_number_is_published_to_as_its_first(number: float) -> None:
    publisher = in_dialogue()
    publisher.receive(command("_result", 1.0, {}, {}))
    publisher.receive(command("_result", 4.0, None, number))
    assert chunks(8, 20, 1, 0, amf.encode("publish", 5.0, None, "s3cret", "live"), 4096) in publisher.take_output()


# --- servers that are no servers -----------------------------------------------------------


def test_a_server_that_accepts_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtmp, "CONNECT_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        sink = RtmpSink(RtmpSpec(id="r", url=f"rtmp://127.0.0.1:{server.getsockname()[1]}/live/k3y"), {})
        with pytest.raises(OutputError, match="does not answer as an RTMP server") as caught:
            sink.open(Encoder(SMALL))
        assert "k3y" not in str(caught.value)
        sink.abort()


def test_a_web_server_is_told_from_an_rtmp_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n" + b"x" * 4000)

        thread = threading.Thread(target=answer)
        thread.start()
        sink = RtmpSink(RtmpSpec(id="r", url=f"rtmp://127.0.0.1:{server.getsockname()[1]}/live/key"), {})
        with pytest.raises(OutputError, match="does not answer as an RTMP server"):
            sink.open(Encoder(SMALL))
        sink.abort()
        thread.join()


# --- a real server -------------------------------------------------------------------------


def health(outputs: Outputs, output_id: str) -> OutputHealth:
    return next(h for h in outputs.health() if h.id == output_id)


@pytest.mark.parametrize("on_air_s", [0, 16_774])
def test_what_a_server_receives_is_in_step_even_past_four_hours_and_forty(nginx: Nginx, on_air_s: int) -> None:
    """At 16777.2 s a timestamp no longer fits the three bytes it has in a chunk's header."""
    encoder = Encoder(SMALL)
    sink = RtmpSink(RtmpSpec(id="r", url=f"rtmp://127.0.0.1:{nginx.port}/live/key"), {})
    sink.open(encoder)
    for group in encoded(encoder, 6):
        for packet in group:
            sink.write(packet, Fraction(on_air_s))
    sink.close()
    wait_for(lambda: nginx.recordings)
    nginx.signal(signal.SIGTERM)
    offsets = offsets_s(nginx.recordings[0])
    assert len(offsets) >= 5
    assert max(map(abs, offsets)) < 0.005
    assert sink.sent_bytes() > 20_000


def test_a_killed_server_is_found_again_and_a_dead_one_harms_nobody(nginx: Nginx, tmp_path: Path) -> None:
    encoder = Encoder(SMALL)
    outputs = Outputs(encoder, "", {}, Random(1))
    outputs.add(HlsSpec(id="hls", directory=tmp_path / "hls", keep_segments=100))
    outputs.add(RtmpSpec(id="dead", url="rtmp://127.0.0.1:9/live/key"))
    outputs.add(RtmpSpec(id="r", url=f"rtmp://127.0.0.1:{nginx.port}/live/key"))
    feeder = Feeder(outputs, encoder, noise=60)
    try:
        wait_for(lambda: health(outputs, "r").sent_bytes > 100_000)
        nginx.signal(signal.SIGKILL)
        wait_for(lambda: health(outputs, "r").state == "retrying")
        nginx.start()
        wait_for(lambda: health(outputs, "r").state == "on_air")
        before = health(outputs, "r").sent_bytes
        wait_for(lambda: health(outputs, "r").sent_bytes > before + 100_000)
        assert health(outputs, "dead").state == "retrying"
        assert "Connection refused" in health(outputs, "dead").detail.en
    finally:
        feeder.close()
    nginx.signal(signal.SIGTERM)
    assert len(nginx.recordings) == 2
    for recording in nginx.recordings:
        assert max(map(abs, offsets_s(recording))) < 0.005
    offsets = offsets_s(str(tmp_path / "hls" / "live.m3u8"))
    assert max(map(abs, offsets)) < 0.005


@pytest.mark.slow
def test_a_server_that_stops_reading_is_found_out_and_left(nginx: Nginx) -> None:
    encoder = Encoder(EncoderSettings(320, 180, FPS, codec="libx264", preset="ultrafast", video_bps=3_000_000))
    outputs = Outputs(encoder, "", {}, Random(1))
    outputs.add(RtmpSpec(id="r", url=f"rtmp://127.0.0.1:{nginx.port}/live/key"))
    feeder = Feeder(outputs, encoder, noise=60)
    try:
        wait_for(lambda: health(outputs, "r").sent_bytes > 100_000)
        nginx.signal(signal.SIGSTOP)
        wait_for(lambda: "taken nothing" in str(health(outputs, "r").detail))
        nginx.signal(signal.SIGCONT)
        wait_for(lambda: health(outputs, "r").state == "on_air")
    finally:
        feeder.close()


def test_rtmps_needs_a_certificate_it_can_trust(nginx: Nginx, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    argv = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    argv += ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True)
    door = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    door.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_tls_door, args=(listener, door, nginx.port), daemon=True)
        thread.start()
        spec = RtmpSpec(id="r", url=f"rtmps://localhost:{listener.getsockname()[1]}/live/key")
        with pytest.raises(OutputError, match="no secure connection"):
            RtmpSink(spec, {}).open(Encoder(SMALL))
        trusting = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        encoder = Encoder(SMALL)
        sink = RtmpSink(spec, {}, tls=trusting)
        sink.open(encoder)
        for group in encoded(encoder, 3):
            for packet in group:
                sink.write(packet, Fraction(0))
        sink.close()
        thread.join(10)
    nginx.signal(signal.SIGTERM)
    assert max(map(abs, offsets_s(nginx.recordings[0]))) < 0.005


def _tls_door(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Turn away the first, distrustful caller; carry the second one's bytes to the server."""
    for _ in range(2):
        peer, _ = listener.accept()
        try:
            inside = context.wrap_socket(peer, server_side=True)
        except OSError:
            peer.close()
            continue
        with inside, socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=_copy, args=(server, inside), daemon=True)
            back.start()
            _copy(inside, server)
            server.shutdown(socket.SHUT_WR)
            back.join(5)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        return


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe: apt install ffmpeg")
def test_a_minute_of_the_real_thing_read_back_by_ffmpeg(nginx: Nginx) -> None:
    settings = EncoderSettings(1280, 720, FPS, codec="libx264", preset="ultrafast")
    encoder = Encoder(settings)
    sink = RtmpSink(RtmpSpec(id="r", url=f"rtmp://127.0.0.1:{nginx.port}/live/key"), {})
    sink.open(encoder)
    for group in encoded(encoder, 60):
        for packet in group:
            sink.write(packet, Fraction(0))
    sink.close()
    wait_for(lambda: nginx.recordings)
    nginx.signal(signal.SIGTERM)
    fields = "codec_name,width,height,r_frame_rate,pix_fmt,color_range,color_space,sample_rate"
    argv = ["ffprobe", "-v", "error", "-show_entries", f"stream={fields}", "-of", "default=nw=1"]
    probe = subprocess.run([*argv, str(nginx.recordings[0])], capture_output=True, text=True, check=True).stdout
    expected = "h264 1280 720 yuv420p tv bt709 30/1 aac 48000"
    assert {f.split("=")[1] for f in probe.split()} >= set(expected.split())
    offsets = offsets_s(nginx.recordings[0])
    assert len(offsets) >= 59
    assert max(map(abs, offsets)) < 1 / FPS


def test_nothing_of_the_stream_key_is_in_any_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    encoder = Encoder(SMALL)
    outputs = Outputs(encoder, "", {}, Random(1))
    outputs.add(RtmpSpec(id="r", url="rtmp://127.0.0.1:9/live/T0PSECRET"))
    for group in encoded(encoder, 2):
        outputs.packets(group)
    wait_for(lambda: health(outputs, "r").state == "retrying")
    assert "T0PSECRET" not in str(health(outputs, "r")) + caplog.text
    outputs.close(5)
