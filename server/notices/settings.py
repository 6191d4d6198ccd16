"""What an operator decides about webhooks."""

import ipaddress
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """`networks`: addresses of one's own that may be sent to, where the points system stands in the house; everything else that
    is not public is refused. `loopback`: for development, with http too."""

    networks: tuple[Network, ...] = ()
    loopback: bool = False
    timeout: float = 10.0  # s, for all of an attempt
    concurrency: int = 4  # events at once to one endpoint
    look: float = 1.0  # s between two looks for what is new
    lease: float = 30.0  # s for which a process that went without a word keeps an endpoint
