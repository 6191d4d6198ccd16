"""The demonstration: a sample organisation, and a publisher that keeps one broadcast on air as any host would.

The server never imports the publisher; it runs as a process of its own (`python -m server demo publish`) and knows of the
server only what a host knows: an address and a token.
"""
