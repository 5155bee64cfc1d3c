"""H.264 and AAC through PyAV, encoded once for every output.

In: pictures as the frame ring has them (`air.picture`); (n, 2) float32 sound. Out: `Packet`s, whose timestamps count
frames and samples from zero of the programme clock. Pictures become yuv420p, BT.709, limited range, and say so in the
stream.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from nightcast.air.errors import EncoderError
from nightcast.air.picture import BT709, LIMITED, Converter
from nightcast.air.sound import Samples
from nightcast.process.shared import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer
    from av.stream import Stream

log = logging.getLogger(__name__)

AAC_FRAME = 1024  # samples in an AAC-LC frame


@dataclass(frozen=True)
class EncoderSettings:
    """How to encode. `codec` "auto" takes NVENC where it works, else x264.

    `deterministic` fixes the number of threads and leaves version marks out, so that equal input gives equal
    bytes.
    """

    width: int = 1280
    height: int = 720
    fps: int = 30
    codec: Literal["auto", "libx264", "h264_nvenc"] = "auto"
    preset: str = "superfast"  # x264's; see experiments/encode.md
    video_bps: int = 0  # 0: by size
    audio_bps: int = 160_000
    gop_s: float = 2.0  # what live platforms ask for
    deterministic: bool = False

    @property
    def bits_per_s(self) -> int:
        """3 Mb/s at 1280x720, 30 fps, growing with pixels to the power of 0.75, as in platforms' tables."""
        if self.video_bps:
            return self.video_bps
        pixels_per_s = self.width * self.height * self.fps
        return int(3_000_000 * (pixels_per_s / (1280 * 720 * 30)) ** 0.75)


@dataclass(frozen=True)
class Packet:
    """One encoded packet. `pts` and `dts` in `time_base`; a video packet that is `key` begins a new group."""

    stream: Literal["video", "audio"]
    data: bytes
    pts: int
    dts: int
    duration: int
    key: bool
    time_base: Fraction

    @property
    def pts_s(self) -> float:
        return float(self.pts * self.time_base)

    @property
    def dts_s(self) -> float:
        return float(self.dts * self.time_base)


class Encoder:
    """Encodes one programme. Not for use by several threads; its `add_streams` may be called from any."""

    def __init__(self, settings: EncoderSettings, first_frame: int = 0) -> None:
        if settings.width % 2 or settings.height % 2:
            raise EncoderError("yuv420p", f"needs even sizes, not {settings.width}x{settings.height}")
        self.settings = settings
        self._next_frame = first_frame
        self._next_sample = first_frame * SAMPLE_RATE_HZ // settings.fps
        self._open(_choose(settings))

    def _open(self, codec: str) -> None:
        import av
        from av.codec.context import Flags

        s = self.settings
        self.codec = codec
        self._converter = Converter()
        # A muxer to nowhere: it owns the two codecs and serves as template for the outputs' streams.
        self._container = av.open(os.devnull, "w", format="null")
        video: Any = self._container.add_stream(codec, rate=s.fps, options=_video_options(codec, s))
        video.width, video.height, video.pix_fmt = s.width, s.height, "yuv420p"
        video.time_base = Fraction(1, s.fps)
        video.bit_rate = s.bits_per_s
        context = video.codec_context
        context.gop_size = round(s.gop_s * s.fps)
        context.max_b_frames = 2
        context.color_range, context.colorspace = LIMITED, BT709
        context.color_primaries = context.color_trc = BT709
        audio: Any = self._container.add_stream("aac", rate=SAMPLE_RATE_HZ)
        audio.codec_context.layout = "stereo"
        audio.bit_rate = s.audio_bps
        audio.time_base = Fraction(1, SAMPLE_RATE_HZ)
        for stream in (video, audio):
            # Headers in the stream's parameters, not in its first packet: an output may join at any time.
            stream.codec_context.flags |= Flags.global_header
            if s.deterministic:
                stream.codec_context.flags |= Flags.bitexact
        try:
            self._container.start_encoding()
        except av.FFmpegError as error:
            raise EncoderError(codec, error.strerror or str(error)) from error
        self._video, self._audio = video, audio
        self._waiting = np.zeros((0, 2), np.float32)

    def add_streams(self, container: OutputContainer) -> dict[str, Stream]:
        """Give an output's container its two streams, for `Packet.stream` as key."""
        return {
            "video": container.add_stream_from_template(self._video),
            "audio": container.add_stream_from_template(self._audio),
        }

    def convert(self, pixels: NDArray[np.uint8]) -> VideoFrame:
        """A picture, RGBA or NV12, to what `encode` takes. A frame shown again needs it once."""
        return self._converter.yuv420p(pixels)

    def encode(self, picture: VideoFrame, samples: Samples) -> list[Packet]:
        """Encode the next frame and its sound, (48000 / fps, 2) float32."""
        picture.pts, picture.time_base = self._next_frame, Fraction(1, self.settings.fps)
        self._next_frame += 1
        video = [self._packet("video", packet) for packet in self._video.encode(picture)]
        return video + self._encode_audio(samples)

    def finish(self) -> list[Packet]:
        """What the codecs still hold. A last partial audio frame is filled with silence."""
        packets = []
        if len(self._waiting):
            packets += self._encode_audio(np.zeros((AAC_FRAME - len(self._waiting), 2), np.float32))
        packets += [self._packet("video", packet) for packet in self._video.encode(None)]
        packets += [self._packet("audio", packet) for packet in self._audio.encode(None)]
        return packets

    def _encode_audio(self, samples: Samples) -> list[Packet]:
        from av import AudioFrame

        packets = []
        self._waiting = np.concatenate([self._waiting, samples])
        while len(self._waiting) >= AAC_FRAME:
            block, self._waiting = self._waiting[:AAC_FRAME], self._waiting[AAC_FRAME:]
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
            frame.sample_rate = SAMPLE_RATE_HZ
            frame.pts, frame.time_base = self._next_sample, Fraction(1, SAMPLE_RATE_HZ)
            self._next_sample += AAC_FRAME
            packets += [self._packet("audio", packet) for packet in self._audio.encode(frame)]
        return packets

    def _packet(self, stream: Literal["video", "audio"], packet: Any) -> Packet:
        return Packet(
            stream,
            bytes(packet),
            packet.pts,
            packet.dts,
            packet.duration,
            packet.is_keyframe,
            packet.time_base,
        )


def _video_options(codec: str, s: EncoderSettings) -> dict[str, str]:
    rate = {"maxrate": str(s.bits_per_s), "bufsize": str(s.bits_per_s)}
    if codec == "h264_nvenc":
        return {**rate, "preset": "p4", "tune": "ll", "rc": "cbr", "bf": "2", "forced-idr": "1"}
    # The look-ahead bounds the delay to half a second; x264's default at slower presets is four times that.
    # Under a rate limit (VBV), x264 with two frame threads gives other bytes each time.
    threads = {"threads": "1"} if s.deterministic else {"threads": str(min(4, os.cpu_count() or 1))}
    x264 = "rc-lookahead=10:scenecut=0:open-gop=0"
    return {**rate, **threads, "preset": s.preset, "x264-params": x264}


def _choose(settings: EncoderSettings) -> str:
    if settings.codec != "auto":
        return settings.codec
    fault = nvenc_fault()
    if fault:
        log.info("libx264 encodes; NVENC does not (%s)", fault)
    return "libx264" if fault else "h264_nvenc"


def nvenc_fault() -> str:
    """Why NVENC cannot be used here; empty where it takes a frame. The codec is in the wheel, the driver may not be."""
    import av
    from av import VideoFrame

    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        # FFmpeg's error says little; its log names the library that is missing, or what the driver refused.
        with av.logging.Capture() as log:
            context = av.CodecContext.create("h264_nvenc", "w")
            context.width, context.height, context.pix_fmt = 256, 256, "yuv420p"
            context.time_base = Fraction(1, 30)
            context.encode(VideoFrame(256, 256, "yuv420p"))
    except ValueError:
        return "this build of FFmpeg has no NVENC"
    except av.FFmpegError as error:
        return log[0][2].strip() if log else error.strerror or str(error)
    finally:
        av.logging.set_level(before)
    return ""


def mux(container: OutputContainer, stream: Stream, packet: Packet, shift_s: Fraction = Fraction(0)) -> None:
    """Write a packet, its timestamps moved by `shift_s`. A copy is muxed, for muxing changes it."""
    import av

    shift = round(shift_s / packet.time_base)
    copy = av.Packet(packet.data)
    copy.pts, copy.dts, copy.duration = packet.pts + shift, packet.dts + shift, packet.duration
    copy.time_base = packet.time_base
    copy.is_keyframe = packet.key
    copy.stream = stream
    container.mux_one(copy)
