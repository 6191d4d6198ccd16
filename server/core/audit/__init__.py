"""Who did what to whom, and why: rows that are only ever added, chained by hashes so that a change shows (design, section 7).

    await audit.note(session, Act("comment.rejected", target="held", target_id=held.id, scope=held.scope, reason=reason), actor)

A row is written in the transaction of the deed. The chain is made afterwards, by one sealer within seconds: deeds would wait
for one another if each had to follow the one before. `hongbo doctor` goes through the chain (`examine`).
"""

from .audit import Audit
from .chain import Act, Actor, Sealed, broken

__all__ = ["Act", "Actor", "Audit", "Sealed", "broken"]
