"""Every address goes to a process that answers for it: the shipped nginx configuration against the routes that are declared."""

import re
from pathlib import Path

from server.app import ENDPOINTS, Part, build
from server.settings import load_settings
from tests.integration.deployment.proxy import upstream_of

OF_STREAMS = ("/api/v1/broadcasts", "/hls/", "/whip/")


def _addresses(folder: Path, part: Part) -> set[str]:
    endpoints = build(load_settings({}, data_dir=folder), part=part)[ENDPOINTS]
    return {re.sub(r"{\w+}", "01a20ad1-8987-7ffc-a136-1ac84a3a9cf7", endpoint.path) for endpoint in endpoints}


def test_every_address_goes_to_a_process_that_knows_it_and_those_of_streams_to_the_one_that_holds_them(tmp_path: Path) -> None:
    web, media = _addresses(tmp_path, Part.WEB), _addresses(tmp_path, Part.MEDIA)
    assert web
    assert media
    for path in web | media:
        to = upstream_of(path)
        if path == "/metrics":
            assert to == ""
        elif path in media and path.startswith(OF_STREAMS):
            assert to == "hongbo_media", path
        else:
            assert (to, path in web) == ("hongbo_web", True), path


def test_pages_and_sockets_go_to_the_web() -> None:
    for path in ("/", "/b/01a20ad1-8987-7ffc-a136-1ac84a3a9cf7", "/studio", "/socket.io/", "/api/v1/broadcasts/x/questions"):
        assert upstream_of(path) == "hongbo_web", path
