"""Samples whose results a test edits."""

from pathlib import Path

import pytest

from tests.report.prose.changed_results import Change, Edit, Folder, said_after


@pytest.fixture
def change(results_folder: Folder, tmp_path: Path) -> Change:
    """Render a sample after editing its results."""

    def after(sample: str, edit: Edit) -> str:
        return said_after(results_folder(sample), tmp_path / "results", edit)

    return after
