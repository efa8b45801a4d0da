from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluation import support_vectors
from pipeline.evaluation.support_vectors import SupportVectorMapper

LIBSVM = {
    (1.0, 1.0): 4.732101253042348,
    (0.9, 1.0): 4.66246956557979,
    (1.0, 0.8): 4.112735085911453,
    (0.9, 0.8): 4.0418671749856445,
    (1.0, 0.5): 3.1799425653184725,
    (0.9, 0.2): 2.23460622126089,
    (1.0, 0.0): 1.746550526862781,
    (0.0, 0.0): 1.5575247895373163,
}
"""Scores by libsvm 3.37 of 32 similarities that change linearly from the first to the second."""


@pytest.mark.parametrize("ends", LIBSVM)
def test_scores_are_those_of_libsvm(ends: tuple[float, float]) -> None:
    mapper = SupportVectorMapper()
    mapper.init()
    assert mapper.predict_quality(np.linspace(*ends, 32)) == pytest.approx(LIBSVM[ends], abs=1e-9)


def test_another_kind_of_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.txt").write_text("svm_type c_svc\nkernel_type rbf\nSV\n1 1:1\n")
    monkeypatch.setattr(support_vectors, "MODEL", tmp_path / "model.txt")
    with pytest.raises(ValueError, match=r"model\.txt: expected svm_type nu_svr"):
        SupportVectorMapper().init()
