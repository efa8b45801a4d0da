"""ViSQOL's support vector regression, evaluated with NumPy.

The package visqol evaluates it with libsvm, which has no wheels for Linux or macOS and so
needs a C++ compiler.
"""

from importlib import resources

import numpy as np
from visqol.quality_mapper import SimilarityToQualityMapper

MODEL = resources.files("visqol") / "model" / "libsvm_nu_svr_model.txt"

Vector = np.ndarray[tuple[int], np.dtype[np.float64]]


class SupportVectorMapper(SimilarityToQualityMapper):
    """Opinion score from the similarity in each frequency band.

    The score of similarities s is Σᵢ αᵢ exp(-γ |s - vᵢ|²) - ρ, clipped to [1, 5], with support
    vectors vᵢ and their weights αᵢ from the model file: Chang and Lin, "LIBSVM: a library for
    support vector machines", 2011.
    """

    def init(self) -> None:
        """Read the model file of the package visqol.

        Raises:
            ValueError: it is not a regression with a radial basis function.
        """
        head, _, rows = MODEL.read_text(encoding="ascii").partition("\nSV\n")
        header = dict(line.split(" ", 1) for line in head.splitlines())
        if (header["svm_type"], header["kernel_type"]) != ("nu_svr", "rbf"):
            raise ValueError(f"{MODEL}: expected svm_type nu_svr and kernel_type rbf")
        self.gamma, self.rho = float(header["gamma"]), float(header["rho"])
        # A row is "weight 1:value 2:value …", with every band in its order.
        table = np.array([row.replace(":", " ").split() for row in rows.splitlines()], dtype=float)
        self.weights, self.vectors = table[:, 0], table[:, 2::2]

    def predict_quality(
        self,
        fvnsim: Vector,
        fvnsim10: Vector | None = None,
        fstdnsim: Vector | None = None,
        fvdegenergy: Vector | None = None,
    ) -> float:
        """Opinion score, 1 to 5, of the mean similarity in each of the 32 bands, 0 to 1.

        The other features are those of ViSQOL's speech mode.
        """
        distances = ((self.vectors - fvnsim) ** 2).sum(axis=1)
        score = (self.weights * np.exp(-self.gamma * distances)).sum() - self.rho
        return float(np.clip(score, 1, 5))
