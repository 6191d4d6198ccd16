"""Recordings: the live segments, kept. One folder for each stream:

- `live.m4s` and `audio.m4s`: init sections and segments of the two variants, one after the other, exactly as they were served;
- `manifest.jsonl`: what lies where, one JSON object a line, each line synced before the next segment is written;
- `numbers.json`: the newest segment number that players may know of, until the recording is sealed;
- `download.mp4`: made when somebody asks for it.
"""
