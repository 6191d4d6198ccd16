"""HTTP Live Streaming with low latency (draft-pantos-hls-rfc8216bis): the live window, its playlists, and their routes."""
