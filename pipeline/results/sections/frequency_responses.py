"""Frequency responses of the convolutional models."""

from pipeline.evaluation.frequency_response import FrequencyResponse
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.model_schema import Response


def frequency_responses(
    out: ResultsFolder, responses: dict[str, FrequencyResponse]
) -> list[Response]:
    """Each response, by the "FAMILY.SIZE" of its model."""
    return [_response(out, model, found) for model, found in responses.items()]


def _response(out: ResultsFolder, model: str, found: FrequencyResponse) -> Response:
    step = f"response.{model}"
    out.number(f"{step}.tone", found.tone, "Hz", step)
    if found.cutoff is not None:
        out.number(
            f"{step}.cutoff", found.cutoff, "Hz", step, interval=found.interval, clips=found.clips
        )
    if found.alias is not None:
        out.number(f"{step}.alias", found.alias, "", step)
    array = out.array(
        step,
        frequencies=found.frequencies,
        transfer=found.transfer,
        coherence=found.coherence,
        tone_bands=found.tone_bands,
    )
    return Response(model=model, array=array)
