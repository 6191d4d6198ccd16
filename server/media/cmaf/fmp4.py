"""Init sections and fragments (ISO/IEC 14496-12 section 8.8) for H.264 and AAC, byte for byte under our control.

PyAV's muxer decides itself when a fragment ends, wants every duration beforehand and cannot be asked for two fragments of the
same samples; parts need all three, so the boxes are written here.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from .boxes import UNITY_MATRIX, box, full_box
from .h264 import ParameterSets
from .timeline import AAC_SAMPLES, SOUND_RATE, TICKS

VIDEO_TRACK = 1
SOUND_TRACK = 2
AAC_CODEC = "mp4a.40.2"

# AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1): AAC LC, 48 kHz, two channels, 1024 samples a frame.
AUDIO_SPECIFIC_CONFIG = bytes([0x11, 0x90])

# Section 8.8.3.1: "depends on no other" for a sync sample; "depends on others, not a sync sample" for the rest.
_SYNC = 0x02000000
_NOT_SYNC = 0x01010000

_BRANDS = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6cmfcmp41")


@dataclass(frozen=True, slots=True)
class VideoSample:
    data: bytes  # NAL units, each after its length
    duration: int  # in ticks of 90 kHz
    key: bool


def init_section(video: ParameterSets | None, *, sound: bool) -> bytes:
    """`ftyp` and `moov` without samples, for a picture track, a sound track or both."""
    tracks: list[bytes] = []
    defaults: list[bytes] = []
    if video is not None:
        size = (video.picture.width, video.picture.height)
        tracks.append(_track(VIDEO_TRACK, TICKS, video_entry(video), size))
        defaults.append(full_box(b"trex", 0, 0, struct.pack(">5I", VIDEO_TRACK, 1, 0, 0, _NOT_SYNC)))
    if sound:
        tracks.append(_track(SOUND_TRACK, SOUND_RATE, sound_entry(), None))
        defaults.append(full_box(b"trex", 0, 0, struct.pack(">5I", SOUND_TRACK, 1, AAC_SAMPLES, 0, _SYNC)))
    return _BRANDS + box(b"moov", movie_header(0, 0), *tracks, box(b"mvex", *defaults))


def fragment(
    sequence: int, video: tuple[int, Sequence[VideoSample]] | None, sound: tuple[int, Sequence[bytes]] | None
) -> bytes:
    """One `moof` and `mdat`. Each track is its first decode time (pictures in ticks, sound in samples) and its samples."""
    header = full_box(b"mfhd", 0, 0, struct.pack(">I", sequence))
    runs: list[bytes] = []
    payload: list[bytes] = []
    # A run's data offset counts from the start of the moof (default-base-is-moof), whose size is known from the counts alone.
    videos = len(video[1]) if video else 0
    sounds = len(sound[1]) if sound else 0
    offset = 8 + len(header) + (64 + 12 * videos if video else 0) + (64 + 4 * sounds if sound else 0) + 8
    if video:
        table = b"".join(
            struct.pack(">3I", sample.duration, len(sample.data), _SYNC if sample.key else _NOT_SYNC) for sample in video[1]
        )
        runs.append(_track_fragment(VIDEO_TRACK, video[0], 0x000701, videos, offset, table))
        payload += [sample.data for sample in video[1]]
        offset += sum(len(sample.data) for sample in video[1])
    if sound:
        table = struct.pack(f">{sounds}I", *(len(frame) for frame in sound[1]))
        runs.append(_track_fragment(SOUND_TRACK, sound[0], 0x000201, sounds, offset, table))
        payload += sound[1]
    return box(b"moof", header, *runs) + box(b"mdat", *payload)


def _track_fragment(track: int, decode_time: int, flags: int, count: int, offset: int, table: bytes) -> bytes:
    return box(
        b"traf",
        full_box(b"tfhd", 0, 0x020000, struct.pack(">I", track)),
        full_box(b"tfdt", 1, 0, struct.pack(">Q", decode_time)),
        full_box(b"trun", 0, flags, struct.pack(">Ii", count, offset), table),
    )


def movie_header(timescale: int, duration: int) -> bytes:
    """`mvhd` (section 8.2.2); a movie of fragments says 0 and 0."""
    times = struct.pack(">QQIQ", 0, 0, timescale or 1000, duration)
    return full_box(b"mvhd", 1, 0, times, struct.pack(">IH10x", 0x10000, 0x0100), UNITY_MATRIX, bytes(24), struct.pack(">I", 3))


def track_header(track: int, duration: int, size: tuple[int, int] | None) -> bytes:
    """`tkhd` (section 8.3.2): enabled, part of the movie and its preview; `duration` in the movie's timescale."""
    volume = 0 if size else 0x0100
    width, height = size or (0, 0)
    return full_box(
        b"tkhd",
        1,
        7,
        struct.pack(">QQIIQ8xHHHH", 0, 0, track, 0, duration, 0, 0 if size else 1, volume, 0),
        UNITY_MATRIX,
        struct.pack(">II", width << 16, height << 16),
    )


def media_box(timescale: int, duration: int, *, picture: bool, tables: bytes) -> bytes:
    """`mdia` around sample tables; the language is undetermined."""
    handler = (b"vide", b"VideoHandler\0") if picture else (b"soun", b"SoundHandler\0")
    media_header = full_box(b"vmhd", 0, 1, bytes(8)) if picture else full_box(b"smhd", 0, 0, bytes(4))
    here = full_box(b"url ", 0, 1)  # the media is in this file
    return box(
        b"mdia",
        full_box(b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, timescale, duration, 0x55C4, 0)),
        full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, handler[0]), handler[1]),
        box(b"minf", media_header, box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), here)), tables),
    )


def _track(track: int, timescale: int, entry: bytes, size: tuple[int, int] | None) -> bytes:
    no_samples = box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )
    return box(b"trak", track_header(track, 0, size), media_box(timescale, 0, picture=size is not None, tables=no_samples))


def video_entry(sets: ParameterSets) -> bytes:
    """`avc1` sample entry (ISO/IEC 14496-15 section 5.4.2.1): parameter sets here and nowhere else."""
    picture = sets.picture
    fixed = struct.pack(">6xH16xHHIIIH32xHh", 1, picture.width, picture.height, 0x00480000, 0x00480000, 0, 1, 0x0018, -1)
    return box(b"avc1", fixed, box(b"avcC", sets.decoder_record()))


def sound_entry() -> bytes:
    """`mp4a` sample entry with its elementary stream descriptor (ISO/IEC 14496-14 section 5.6, 14496-1 section 7.2.6)."""
    decoder = _descriptor(0x04, struct.pack(">BB3xII", 0x40, 0x15, 0, 0), _descriptor(0x05, AUDIO_SPECIFIC_CONFIG))
    stream = _descriptor(0x03, struct.pack(">HB", SOUND_TRACK, 0), decoder, _descriptor(0x06, b"\x02"))
    fixed = struct.pack(">6xH8xHH4xI", 1, 2, 16, SOUND_RATE << 16)
    return box(b"mp4a", fixed, full_box(b"esds", 0, 0, stream))


def _descriptor(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    return bytes([tag, 0x80, 0x80, 0x80, len(body)]) + body
