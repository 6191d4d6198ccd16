"""Media: WHIP hears its bearer token alone, whoever is signed in; watching what is not on air is for those who send."""

from .row import Row, Rows, everyone, signed_in

WHIP = "/whip/{stream}"

ROWS: Rows = {
    ("POST", WHIP): Row(everyone(401), data=b"v=0", headers={"Content-Type": "application/sdp"}),
    ("OPTIONS", WHIP): Row(everyone(200)),
    ("GET", WHIP): Row(everyone(204)),
    ("HEAD", WHIP): Row(everyone(204)),
    ("PATCH", f"{WHIP}/{{session}}"): Row(everyone(401), headers={"Content-Type": "application/trickle-ice-sdpfrag"}),
    ("DELETE", f"{WHIP}/{{session}}"): Row(everyone(401)),
    ("OPTIONS", f"{WHIP}/{{session}}"): Row(everyone(200)),
    ("GET", f"{WHIP}/{{session}}"): Row(everyone(204)),
    ("HEAD", f"{WHIP}/{{session}}"): Row(everyone(204)),
    ("GET", "/hls/{stream}/index.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/live.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/audio.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/replay.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/replay-audio.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/{folder}/{name}"): Row(signed_in(404)),
}
