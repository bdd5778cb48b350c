"""What a picture's size leaves of its quality: ridge regression on frozen MobileNetV2 features.

The features are of whole pictures as prepared at each size, the divisions those of a study that
has been planned or run here. It is no benchmark of speed; it says which size is worth training on.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from timing import write

from biqa.metrics import plcc, srcc
from biqa.models import create_model
from biqa.models.quality import QualityModel
from biqa.pictures.store import PictureStore
from biqa.recipes import Hardware
from biqa.training.device import prepared_device
from biqa.training.parts import read_parts
from biqa.training.views import central_views

SPLITS = Path("data/splits/livec/seed2026/fixed_80_20")  # of the study livec
ALPHA = 1000.0  # of the ridge, on standardised features; not tuned


@torch.inference_mode()
def features_of(model: QualityModel, store: PictureStore) -> np.ndarray:
    """Return the backbone's features of every picture, (n, n_features)."""
    device = prepared_device(Hardware())
    batches, values = [], []
    for batch, pixels in central_views(store, np.arange(len(store)), crop=0, batch_size=4):
        batches.append(batch)
        values.append(model.backbone_features(model.inputs_of(pixels, device)).numpy())
    return np.concatenate(values)[np.argsort(np.concatenate(batches))]


def main() -> None:
    """Compute features at every size, fit and judge on every division, write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, nargs="+", help="default: LIVE Challenge's")
    parser.add_argument("--splits", type=Path, default=SPLITS)
    parser.add_argument(
        "--weights", type=Path, default=Path("data/weights/mobilenetv2_100.safetensors")
    )
    args = parser.parse_args()
    there = Path("data/prepared/livec").glob("*/facts.json")
    folders = args.pictures or sorted(file.parent for file in there)
    if not folders:
        print("LIVE Challenge is not prepared here: snakemake --config study=livec -- data weights")
        return
    half = [0.5, 0.5, 0.5]
    options = {"encoder_options": {"pad_type": "same"}, "mean": half, "std": half}
    model = create_model("timm/mobilenetv2_100", weights=args.weights, **options).eval()
    rows = []
    for folder in folders:
        store = PictureStore.open(folder)
        features, mos = features_of(model, store), store.labels["mos"].to_numpy()
        found = []
        for split in sorted(args.splits.glob("split*.csv")):
            parts = read_parts(split, store)
            learn, test = parts["train"], parts["test"]
            ridge = make_pipeline(StandardScaler(), Ridge(ALPHA)).fit(features[learn], mos[learn])
            predicted = ridge.predict(features[test])
            found.append({"srcc": srcc(predicted, mos[test]), "plcc": plcc(predicted, mos[test])})
        each = pd.DataFrame(found)
        rows.append(
            {"size": store.facts["size"], "splits": len(each)}
            | {f"{name}_median": each[name].median() for name in each}
            | {f"{name}_min": each[name].min() for name in each}
            | {f"{name}_max": each[name].max() for name in each}
        )
    write("frozen_features", rows)


if __name__ == "__main__":
    main()
