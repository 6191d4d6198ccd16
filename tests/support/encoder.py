"""A foreign encoder: FFmpeg's own WHIP muxer, as it comes inside PyAV: `python -m tests.support.encoder URL TOKEN FOLDER`.

It publishes a moving picture and a tone in real time until it is killed. FFmpeg's DTLS wants a P-256 key and its certificate as
files.
"""

import array
import fractions
import math
import sys
import time
from pathlib import Path

import av

from tests.support.certificate import make_certificate

FRAME_RATE = 25
WIDTH, HEIGHT = 640, 360
RATE = 48_000


def picture(number: int) -> av.VideoFrame:
    """Light grey with a dark bar that walks to the right."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    bright, *colours = frame.planes
    edge = number * 8 % (WIDTH - 40)
    line = bytearray(b"\xe6" * bright.line_size)
    line[edge : edge + 40] = b"\x30" * 40
    bright.update(bytes(line) * (bright.buffer_size // bright.line_size))
    for plane in colours:
        plane.update(b"\x80" * plane.buffer_size)
    return frame


def beep(first: int) -> av.AudioFrame:
    """20 ms of 440 Hz in stereo, beginning at sample `first`."""
    wave = (int(4000 * math.sin(2 * math.pi * 440 * (first + number) / RATE)) for number in range(960))
    tone = av.AudioFrame("s16", "stereo", 960)
    tone.planes[0].update(array.array("h", (value for value in wave for _ in range(2))).tobytes())
    return tone


def publish(url: str, token: str, folder: Path) -> None:
    cert_file, key_file = make_certificate(folder, "encoder")
    options = {"authorization": token, "cert_file": str(cert_file), "key_file": str(key_file)}
    with av.open(url, "w", format="whip", options=options) as out:
        video = out.add_stream("libx264", rate=FRAME_RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.gop_size = FRAME_RATE
        video.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
        sound = out.add_stream("libopus", rate=RATE, layout="stereo")
        started, pictures, samples = time.monotonic(), 0, 0
        while True:
            elapsed = time.monotonic() - started
            while pictures < elapsed * FRAME_RATE:
                frame = picture(pictures)
                frame.pts, frame.time_base = pictures, fractions.Fraction(1, FRAME_RATE)
                out.mux(video.encode(frame))
                pictures += 1
            while samples < elapsed * RATE:
                tone = beep(samples)
                tone.sample_rate, tone.pts, tone.time_base = RATE, samples, fractions.Fraction(1, RATE)
                out.mux(sound.encode(tone))
                samples += 960
            time.sleep(0.005)  # paced like a camera; not a test's wait


if __name__ == "__main__":
    publish(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
