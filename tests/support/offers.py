"""SDP offers as browsers and encoders write them, to be taken or spoilt."""

FINGERPRINT = ":".join(f"{number:02X}" for number in range(32))

SESSION = (
    "v=0",
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "a=extmap-allow-mixed",
    "a=msid-semantic: WMS stream",
)
TRANSPORT = (
    "a=ice-ufrag:4ZcD",
    "a=ice-pwd:2/1muCWoOi3uLifh0NuRHlI4",
    "a=ice-options:trickle",
    f"a=fingerprint:sha-256 {FINGERPRINT}",
    "a=setup:actpass",
)
AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
    "c=IN IP4 0.0.0.0",
    "a=rtcp:9 IN IP4 0.0.0.0",
    *TRANSPORT,
    "a=mid:0",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "a=sendonly",
    "a=msid:stream sound",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=rtpmap:111 opus/48000/2",
    "a=rtcp-fb:111 transport-cc",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=rtpmap:63 red/48000/2",
    "a=fmtp:63 111/111",
    "a=rtpmap:9 G722/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:13 CN/8000",
    "a=rtpmap:110 telephone-event/48000",
    "a=rtpmap:126 telephone-event/8000",
    "a=ssrc:1001 cname:someone",
    "a=ssrc:1001 msid:stream sound",
)
VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 107 108 109 114 115 116",
    "c=IN IP4 0.0.0.0",
    "a=rtcp:9 IN IP4 0.0.0.0",
    *TRANSPORT,
    "a=mid:1",
    "a=extmap:14 urn:ietf:params:rtp-hdrext:toffset",
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "a=sendonly",
    "a=msid:stream picture",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 nack",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=rtpmap:103 H264/90000",
    "a=rtcp-fb:103 goog-remb",
    "a=rtcp-fb:103 transport-cc",
    "a=rtcp-fb:103 ccm fir",
    "a=rtcp-fb:103 nack",
    "a=rtcp-fb:103 nack pli",
    "a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f",
    "a=rtpmap:104 rtx/90000",
    "a=fmtp:104 apt=103",
    "a=rtpmap:107 H264/90000",
    "a=rtcp-fb:107 goog-remb",
    "a=rtcp-fb:107 nack",
    "a=rtcp-fb:107 nack pli",
    "a=fmtp:107 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f",
    "a=rtpmap:108 rtx/90000",
    "a=fmtp:108 apt=107",
    "a=rtpmap:109 H264/90000",
    "a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "a=rtpmap:114 red/90000",
    "a=rtpmap:115 rtx/90000",
    "a=fmtp:115 apt=114",
    "a=rtpmap:116 ulpfec/90000",
    "a=ssrc-group:FID 2001 2002",
    "a=ssrc:2001 cname:someone",
    "a=ssrc:2002 cname:someone",
)

# As FFmpeg's WHIP muxer writes it: passive, no candidates, no retransmission, a profile of its own.
FFMPEG = f"""v=0
o=FFmpeg 4489045141692799359 2 IN IP4 127.0.0.1
s=FFmpegPublishSession
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:2d1e8f0a
a=ice-pwd:0123456789abcdef0123456789abcdef
a=fingerprint:sha-256 {FINGERPRINT}
a=setup:passive
a=mid:0
a=sendonly
a=msid:FFmpeg audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=ssrc:77 cname:FFmpeg
a=ssrc:77 msid:FFmpeg audio
m=video 9 UDP/TLS/RTP/SAVPF 106
c=IN IP4 0.0.0.0
a=ice-ufrag:2d1e8f0a
a=ice-pwd:0123456789abcdef0123456789abcdef
a=fingerprint:sha-256 {FINGERPRINT}
a=setup:passive
a=mid:1
a=sendonly
a=msid:FFmpeg video
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:106 H264/90000
a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d401f
a=ssrc:78 cname:FFmpeg
a=ssrc:78 msid:FFmpeg video
"""


def offer(
    *blocks: tuple[str, ...], extra: tuple[str, ...] = (), without: str = "", instead: tuple[str, str] = ("", "")
) -> bytes:
    """An offer from blocks (by default Chrome's): without some lines, with a text replaced, with `extra` at its end."""
    lines = [line for block in (blocks or (SESSION, AUDIO, VIDEO)) for line in block]
    if without:
        lines = [line for line in lines if not line.startswith(without)]
    text = "\r\n".join([*lines, *extra]) + "\r\n"
    if instead[0]:
        if instead[0] not in text:
            raise ValueError(f"{instead[0]!r} is not in the offer")
        text = text.replace(*instead)
    return text.encode()


def candidate(number: int, *, address: str = "192.0.2.1", transport: str = "udp", component: int = 1) -> str:
    return f"a=candidate:{number} {component} {transport} {2122260223 - number} {address} {1024 + number % 60000} typ host"
