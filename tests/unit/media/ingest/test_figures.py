import pytest

from server.media.ingest.figures import Figures, Sample


def test_nothing_is_known_at_first() -> None:
    figures = Figures()
    assert (figures.bitrate, figures.loss, figures.frame_rate) == (0, 0.0, None)
    figures.note(Sample(1.0, 1000, 0, 0, 0))
    assert (figures.bitrate, figures.loss, figures.frame_rate) == (0, 0.0, None)


def test_figures_are_those_of_the_last_two_seconds() -> None:
    figures = Figures()
    for half in range(20):
        fast = max(half - 10, 0)  # at 5 s everything doubles
        figures.note(Sample(half / 2, 100_000 * (half + fast), 100 * half, 100 * half - 10 * fast, 15 * half))
    assert figures.bitrate == 3_200_000
    assert figures.loss == pytest.approx(0.1)
    assert figures.frame_rate == 30.0


def test_late_packets_do_not_make_a_negative_loss() -> None:
    figures = Figures()
    figures.note(Sample(0.0, 0, 100, 50, 0))
    figures.note(Sample(1.0, 0, 110, 90, 0))
    assert figures.loss == 0.0
