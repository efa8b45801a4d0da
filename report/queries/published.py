"""Music autoencoders of the literature."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedModel:
    """A music autoencoder of the literature and its published fidelity.

    Attributes:
        ratio: samples per number of the latent vector.
        rate: sampling rate of the music, in Hz.
        si_sdr: in dB; visqol: MOS-LQO.
    """

    name: str
    ratio: int
    rate: int
    si_sdr: float
    visqol: float


PUBLISHED = (
    PublishedModel("Stable Audio", 64, 44_100, 6.0, 4.08),
    PublishedModel("Music2Latent", 64, 44_100, -3.9, 3.84),
)
