"""A value that remembers what it was made from, so that prose can say where it comes from."""

from collections.abc import Iterable


class TracedFloat(float):
    """A value that remembers the names of the numbers it was made from."""

    names: tuple[str, ...]

    def __new__(cls, value: float, names: Iterable[str]) -> "TracedFloat":
        """A float with names."""
        made = super().__new__(cls, value)
        made.names = tuple(names)
        return made

    def __reduce__(self) -> tuple[type["TracedFloat"], tuple[float, tuple[str, ...]]]:
        return TracedFloat, (float(self), self.names)

    def __mul__(self, other: float) -> "TracedFloat":
        return TracedFloat(float(self) * other, self.names)

    __rmul__ = __mul__

    def __truediv__(self, other: float) -> "TracedFloat":
        return TracedFloat(float(self) / other, self.names)

    def __sub__(self, other: float) -> "TracedFloat":
        return TracedFloat(float(self) - other, self.names + getattr(other, "names", ()))
