"""摇一摇 with a hundred thousand people in a round, its proof in a browser, the fairness of its draws, and what a crowd
that shakes costs those who comment on a broadcast.

Shakes go through the use case, in group commits, as acknowledged as from a page. A draw is everything from the question to the
durable answer. The proof is recomputed in Chromium by the product's own worker, from the list as the server gives it.
"""

from .compare import run

__all__ = ["run"]
