"""Common Media Application Format (ISO/IEC 23000-19): access units and sound become fragmented MP4, cut into parts.

Everything here is synchronous and knows neither sockets nor files; `server.media.output` connects it to the event loop.
"""
