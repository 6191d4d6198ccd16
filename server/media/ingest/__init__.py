"""Taking media in: WHIP (RFC 9725) over aiortc, without ever decoding it.

Offer → answer → session; in a session: guard → receiver → assembler → timeline → sink. Everything from the assembler on
is synchronous and knows no sockets.
"""
