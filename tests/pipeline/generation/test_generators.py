"""The generative models: their statistics, seeds, and trainings that resume."""

from pathlib import Path

import pytest
import torch

from pipeline.data.corpus import Corpus
from pipeline.engine.checkpoint import Checkpoint
from pipeline.generation import network_training
from pipeline.generation.beats import CHANNELS, Beats, find_beats
from pipeline.generation.flow import Flow, clip_random
from pipeline.generation.flow_network import FlowNetwork
from pipeline.generation.flow_training import train_flow
from pipeline.generation.gaussian_process import fit_process
from pipeline.generation.training_music import TrainingMusic, cut_clips, prepare
from pipeline.generation.vae import train_vae
from pipeline.generation.walk import Walk
from tests.pipeline.generation.conftest import onsets_every


@pytest.mark.parametrize("period", [14, 20, 31])
def test_the_beat_of_regular_onsets_is_found(period: int) -> None:
    beats = find_beats(onsets_every(period, 216), 43.0)
    assert float(beats.period[0]) == pytest.approx(period, rel=0.02)
    assert float(beats.strength[0]) > 0.5
    # The phase is 0 where the onsets are.
    wave = beats.at(torch.arange(0, 200, period)[None])[0, 0] / beats.strength
    assert float(wave.mean()) > 0.9


def test_noise_has_hardly_a_beat() -> None:
    noise = torch.randn(4, 216, 16, generator=torch.Generator().manual_seed(1))
    assert float(find_beats(noise, 43.0).strength.max()) < 0.4


def test_draws_of_the_process_have_the_statistics_of_its_clips() -> None:
    random = torch.Generator().manual_seed(1)
    clips = torch.randn(20, 3, 40, generator=random)
    clips = clips + clips.roll(1, dims=2) + torch.tensor([0.0, 2.0, 5.0])[:, None]
    clips[:, 1] += clips[:, 0]
    process = fit_process(clips, torch.zeros(20, dtype=torch.long), 1)
    for groups in (40, 31, 160):
        drawn = process.sample(0, groups, random, 400)
        assert drawn.shape == (400, 3, groups)
        assert torch.allclose(drawn.mean(dim=(0, 2)), clips.mean(dim=(0, 2)), atol=0.15)
        deviation = clips.std(dim=(0, 2)), drawn.std(dim=(0, 2))
        assert torch.allclose(*deviation, rtol=0.1)
        centred = drawn - drawn.mean(dim=(0, 2))[:, None]
        lag = (centred * centred.roll(1, dims=2)).mean(dim=(0, 2)) / centred.var(dim=(0, 2))
        assert torch.allclose(lag, torch.full((3,), 0.5), atol=0.1)
        between = torch.corrcoef(centred.transpose(0, 1).flatten(1))[0, 1]
        assert float(between) == pytest.approx(2**-0.5, abs=0.1)


def test_what_is_constant_in_a_clip_is_constant_in_a_long_draw() -> None:
    level = torch.linspace(-3, 3, 10)[:, None, None].expand(10, 1, 30).clone()
    process = fit_process(level, torch.zeros(10, dtype=torch.long), 1)
    drawn = process.sample(0, 300, torch.Generator().manual_seed(1), 200)
    assert float(drawn.std(dim=2).max()) < 0.01
    assert float(drawn.mean(dim=2).std()) == pytest.approx(float(level.std()), rel=0.2)


def test_an_untrained_flow_leaves_the_distribution_of_draws_as_it_is() -> None:
    mean, response = torch.tensor([[1.0, -1.0]]), torch.zeros(1, CHANNELS, 2)
    process = fit_process(
        torch.randn(30, 2, 20, generator=torch.Generator().manual_seed(1)) + mean[:, :, None],
        torch.zeros(30, dtype=torch.long),
        1,
    )
    beats = Beats(torch.tensor([5.0]), torch.zeros(1), torch.ones(1))
    network = FlowNetwork(process.mean, response).eval()
    ones = torch.ones(1, 2)
    flow = Flow(network, process, beats, torch.zeros(1, dtype=torch.long), ones, 0 * ones)
    draws = process.sample(0, 20, torch.Generator().manual_seed(2), 50)
    waves = beats.at(torch.arange(20.0)[None]).expand(50, -1, -1)
    with torch.no_grad():
        carried = flow.transport(draws, [0] * 50, waves)
    assert torch.allclose(carried, draws, atol=0.05)


def test_the_flow_learns_and_its_clips_are_in_their_genre(music: TrainingMusic, flow: Flow) -> None:
    numbers = music.numbers()
    for genre in range(2):
        random = [clip_random(seed, music.genres[genre]) for seed in range(12)]
        drawn = flow.sample([genre] * 12, music.groups, random)
        gaps = [
            float((drawn.mean(dim=(0, 2)) - numbers[music.labels == g].mean(dim=(0, 2))).norm())
            for g in range(2)
        ]
        assert gaps[genre] < 0.8 * gaps[1 - genre]
        real = numbers[music.labels == genre].std(dim=(0, 2))
        assert torch.allclose(drawn.std(dim=(0, 2)).mean(), real.mean(), rtol=0.25)


def test_a_clip_depends_on_its_seed_and_genre_alone(music: TrainingMusic, flow: Flow) -> None:
    def sample(*seeds: int) -> torch.Tensor:
        return flow.sample([1] * len(seeds), 20, [clip_random(s, "pluck") for s in seeds])

    both = sample(3, 4)
    assert torch.allclose(both[:1], sample(3), atol=1e-5)
    assert torch.allclose(both[1:], sample(4), atol=1e-5)
    assert not torch.allclose(both[0], both[1], atol=0.1)


def test_the_end_of_a_loop_joins_its_beginning(flow: Flow) -> None:
    found = flow.sample_loop(1, 24, 8, clip_random(1, "pluck"))[0]
    steps = found.diff(dim=1).norm(dim=0)
    joint = (found[:, 0] - found[:, -1]).norm()
    assert float(joint) < 1.5 * float(steps.max())


class Killed(Exception):
    """Stands for the death of the process."""


@pytest.mark.parametrize("model", ["flow", "vae"])
def test_a_killed_training_resumes_to_the_same_weights(
    model: str, music: TrainingMusic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(checkpoint: Checkpoint | None) -> dict[str, torch.Tensor]:
        if model == "vae":
            return train_vae(music, 8, 1, checkpoint).state_dict()
        return train_flow(music, 8, 1, checkpoint).network.state_dict()

    class Hasty(Checkpoint):
        saves = 0

        def save_if_due(self, state: object) -> None:
            self.saved = -1e9
            super().save_if_due(state)  # type: ignore[arg-type]
            self.saves += 1
            if self.saves == 5:
                raise Killed

    whole = train(None)
    with pytest.raises(Killed):
        train(Hasty(tmp_path / "state"))
    batches: list[int] = []
    monkeypatch.setattr(
        network_training, "report_progress", lambda done, total, note: batches.append(done)
    )
    resumed = train(Checkpoint(tmp_path / "state"))
    assert batches == [6, 7, 8]
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_the_vae_decodes_draws_of_its_prior(music: TrainingMusic) -> None:
    vae = train_vae(music, 20, seed=1)
    genres = [0, 1, 1]
    found = vae.sample(genres, [clip_random(seed, "x") for seed in (1, 2, 2)])
    assert found.shape == (3, music.space.numbers, music.groups)
    assert torch.allclose(found[1], found[2], atol=1e-6)
    assert not torch.allclose(found[0], found[1], atol=1e-3)


def test_a_walk_is_made_of_the_genre_s_clips(corpus: Corpus, music: TrainingMusic) -> None:
    clips = cut_clips(corpus, music.rows, music.samples)
    walk = Walk(music, clips)
    sound = walk.sample(1, 3 * music.samples, torch.Generator().manual_seed(1))
    assert sound.shape == (3 * music.samples,)
    again = walk.sample(1, 3 * music.samples, torch.Generator().manual_seed(1))
    assert torch.equal(sound, again)
    # Somewhere a piece of it is found, sample by sample, in a clip of the genre and in no other.
    pieces = sound.unfold(0, 300, 300)
    gaps = [float(torch.cdist(pieces, clip.unfold(0, 300, 1)).min()) for clip in clips]
    for genre in (0, 1):
        nearest = min(gap for gap, label in zip(gaps, music.labels, strict=True) if label == genre)
        assert (nearest < 1e-2) == (genre == 1)


def test_one_clip_of_one_genre_is_enough(corpus: Corpus) -> None:
    alone = Corpus(corpus.sampling_rate, corpus.waveforms[:3], list(corpus.clips[1:4]))
    music = prepare(alone, 1, 10.0)
    flow = train_flow(music, 2, seed=1)
    assert flow.sample([0], 10, [clip_random(1, "x")]).isfinite().all()
    assert train_vae(music, 2, 1).sample([0], [clip_random(1, "x")]).isfinite().all()
    walk = Walk(music, cut_clips(alone, music.rows, music.samples))
    assert walk.sample(0, 20_000, torch.Generator().manual_seed(1)).isfinite().all()
