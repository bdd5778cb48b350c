"""Written scores keep what single precision holds, and written weights carry their facts."""

import numpy as np
import small_pictures as small
import torch
from safetensors import safe_open

from biqa.training.loop import Progress
from biqa.training.records import epoch_scores, provenance, rounded, starting_point, write_weights


def test_written_scores_keep_seven_digits(rng):
    scores = rng.normal(size=500).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(rounded(scores), scores, rtol=5e-7, atol=0)
    assert rounded([1 / 3]) == [0.3333333]


def test_scores_by_epoch_stand_beside_their_pictures(tmp_path):
    store = small.open_pictures(tmp_path / "p", [(4, 4)] * 5)
    parts = small.thirds(store, 2, 1)
    progress = Progress(
        history=[{"epoch": 1}, {"epoch": 2}],
        predicted=[
            {"validation": np.array([0.1]), "test": np.array([0.2, 0.3])},
            {"validation": np.array([0.4]), "test": np.array([0.5, 0.6])},
        ],
    )
    table = epoch_scores(progress, store, parts)
    assert table.to_dict("list") == {
        "name": [f"made_up{i:03d}.png" for i in (2, 3, 4)],
        "part": ["validation", "test", "test"],
        "epoch_1": [0.1, 0.2, 0.3],
        "epoch_2": [0.4, 0.5, 0.6],
    }


def test_without_a_validation_part_the_test_part_stands_alone(tmp_path):
    store = small.open_pictures(tmp_path / "p", [(4, 4)] * 3)
    progress = Progress(history=[{"epoch": 1}], predicted=[{"test": np.array([0.2])}])
    table = epoch_scores(progress, store, small.thirds(store, 2, 0))
    assert table["part"].tolist() == ["test"]


def test_weights_come_back_with_their_facts_whatever_their_layout(tmp_path):
    given = {"w": torch.arange(6.0).reshape(2, 3).T, "n": torch.tensor(4)}
    write_weights(tmp_path / "w.safetensors", given, {"spec": "s"})
    with safe_open(tmp_path / "w.safetensors", "pt") as file:
        assert file.metadata() == {"spec": "s"}
        small.assert_same_bits({name: file.get_tensor(name) for name in given}, given)


def test_a_record_counts_every_weight_of_the_network():
    facts = starting_point(small.SmallNetwork())
    assert facts == {"weights": [], "parameters": 4 * 3 * 3 * 3 + 4 + 2 * 4 + 4 + 1}


def test_a_record_says_with_which_libraries():
    facts = provenance("a device", started=0.0)
    assert facts["device"] == "a device"
    assert facts["libraries"]["torch"] == torch.__version__.partition("+")[0]
