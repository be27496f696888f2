"""Reading of labelled texts."""

from pathlib import Path

import pytest

from training.data import read_tsv


@pytest.mark.parametrize(
    "rows", ["", "text\tlabel\ngood\n", "text\tlabel\ngood\tgreat\n", "text\tlabel\na\tb\tPOSITIVE\n"]
)
def test_malformed_file(tmp_path: Path, rows: str) -> None:
    """An empty file, and a row without a label, with an unknown label or with two tabs are errors of one line."""
    path = tmp_path / "train.tsv"
    path.write_text(rows)
    with pytest.raises(SystemExit) as caught:
        read_tsv(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
