"""Pictures a second of (a) a network alone, (b) our loop, (c) a loop as released codes write it.

(a) repeats a step on one batch of random numbers that lies in the device's memory. (b) is one
pass of ``biqa.training.epoch.train_epoch`` over prepared pictures. (c) opens every picture file in
every epoch: Pillow decodes a JPEG, torchvision resizes, crops and flips it in the workers of a
``DataLoader``; the network is in float32 and torch's default layout, under plain Adam, in a
process of its own whose memory is managed as the system does by default. Released codes differ:
LinearityIQA, HyperIQA and DBCNN-PyTorch decode like this, MetaIQA resizes in float64, which
takes longer; ``loader_per_second`` is the rate of the decoding alone, without a network.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from timing import in_turn, processor, ratios, write
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from biqa.files import write_json
from biqa.losses import loss
from biqa.models import create_model
from biqa.models.quality import QualityModel
from biqa.pictures.store import PictureStore
from biqa.protocols import Protocol
from biqa.recipes import Hardware, Recipe, Views
from biqa.training.device import placed, prepared_device
from biqa.training.epoch import train_epoch
from biqa.training.number_format import number_format
from biqa.training.optimisation import optimizer_of, schedule_of
from biqa.training.prediction import predict
from biqa.training.resident import ResidentPictures
from biqa.training.views import RandomViews

SIDE, CROP, BATCH = 320, 224, 16
FILE_SIDE = 500  # of the picture files, as in LIVE Challenge
WORKERS = 2
MODELS = ("cnniqa", "resnet18", "resnet50", "dbcnn")
FORMATS = ("float32", "bfloat16")
PROTOCOL = Protocol("bench", train=0.8, validation=0, test=0.2, choose="last")
MSE = loss("mse")


@dataclass(frozen=True)
class Pictures:
    """The same made-up pictures as a prepared folder and as JPEG files."""

    store: PictureStore
    files: list[Path]
    mos: torch.Tensor


def make_pictures(folder: Path, n: int) -> Pictures:
    """Write ``n`` smooth random pictures; their content does not matter, their sizes do."""
    rng = np.random.default_rng(0)
    rows, files, offset = [], [], 0
    mos = rng.random(n)
    with (folder / "pixels.bin").open("wb") as pixels:
        for number in range(n):
            small = rng.integers(0, 256, (25, 25, 3), dtype=np.uint8)
            picture = Image.fromarray(small).resize(
                (FILE_SIDE, FILE_SIDE), Image.Resampling.BICUBIC
            )
            files.append(folder / f"{number}.jpg")
            picture.save(files[-1], quality=90)
            prepared = np.asarray(picture.resize((SIDE, SIDE)))
            pixels.write(prepared.tobytes())
            row = {"name": files[-1].name, "mos": mos[number], "reference": "", "distortion": ""}
            row |= {"official_part": "", "height": SIDE, "width": SIDE, "offset": offset}
            offset += prepared.size
            rows.append(row)
    pd.DataFrame(rows).to_csv(folder / "pictures.csv", index=False)
    write_json(folder / "facts.json", {"dataset": "bench", "n_images": n})
    return Pictures(PictureStore.open(folder), files, torch.tensor(mos, dtype=torch.float32))


class PictureFiles(Dataset):
    """Decodes a picture each time it is asked for, as released codes do."""

    def __init__(self, pictures: Pictures) -> None:
        self.files, self.mos = pictures.files, pictures.mos
        self.transform = transforms.Compose(
            [
                transforms.Resize((SIDE, SIDE)),
                transforms.RandomHorizontalFlip(),
                transforms.RandomCrop(CROP),
                transforms.ToTensor(),
                transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
            ]
        )

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        with Image.open(self.files[index]) as picture:
            return self.transform(picture.convert("RGB")), self.mos[index]


def recipe_for(device: str, dtype: str, threads: int) -> Recipe:
    """Return a recipe that is a plain training but for its hardware."""
    hardware = Hardware(device=device, dtype=dtype, threads=threads)  # type: ignore[arg-type]
    views = Views(crop=CROP)
    return Recipe(PROTOCOL, views, epochs=1, batch_size=BATCH, lr=1e-5, hardware=hardware)


def network_alone(name: str, recipe: Recipe, n: int) -> Callable[[], None]:
    """Return (a): as many steps on one resident batch as ``n`` pictures make."""
    model = placed(create_model(name, weights="none"), recipe.hardware).train()
    optimizer = optimizer_of(model, recipe)
    device = torch.device(recipe.hardware.device)
    images = torch.randn(BATCH, 3, CROP, CROP, device=device)
    images = images.contiguous(memory_format=torch.channels_last)
    mos = torch.rand(BATCH, device=device)

    def work() -> None:
        for _ in range(n // BATCH):
            with number_format(recipe.hardware):
                predicted = model(images)
            optimizer.zero_grad()
            MSE(predicted.float(), mos).backward()
            optimizer.step()
        _wait(device)

    return work


def our_loop(name: str, recipe: Recipe, pictures: Pictures) -> Callable[[], None]:
    """Return (b): one pass of our loop."""
    model = placed(create_model(name, weights="none"), recipe.hardware)
    optimizer = optimizer_of(model, recipe)
    n = len(pictures.files)
    schedule = schedule_of(optimizer, recipe, n // BATCH)
    mos = pictures.mos.to(recipe.hardware.device)
    resident = ResidentPictures.of(pictures.store, mos.device)

    def work() -> None:
        views = RandomViews(pictures.store, CROP, True, 0, 1, resident)
        train_epoch(model, views, np.arange(n), mos, MSE, optimizer, schedule, recipe)

    return work


def judged(name: str, recipe: Recipe, pictures: Pictures) -> Callable[[], None]:
    """Return our prediction of every picture, whole, as after each epoch."""
    model = placed(create_model(name, weights="none"), recipe.hardware)
    everything = np.arange(len(pictures.files))
    resident = ResidentPictures.of(pictures.store, torch.device(recipe.hardware.device))

    def work() -> None:
        predict(model, pictures.store, everything, recipe, resident=resident)

    return work


def released_loop(name: str, recipe: Recipe, pictures: Pictures) -> Callable[[], None]:
    """Return (c): one pass over the files."""
    device = torch.device(recipe.hardware.device)
    torch.set_num_threads(recipe.hardware.threads)
    model: QualityModel = create_model(name, weights="none").to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-5)
    loader = DataLoader(
        PictureFiles(pictures),
        BATCH,
        shuffle=True,
        num_workers=WORKERS,
        persistent_workers=True,  # a short pass must not pay for starting them
    )

    def work() -> None:
        for images, mos in loader:
            predicted = model(images.to(device))
            optimizer.zero_grad()
            value = MSE(predicted, mos.to(device))
            value.backward()
            optimizer.step()
            value.item()  # they keep the loss of each step, so a GPU is waited for

    return work


def released_loader(pictures: Pictures) -> Callable[[], None]:
    """Return what feeds (c), alone: one pass over the files."""
    loader = DataLoader(PictureFiles(pictures), BATCH, num_workers=WORKERS, persistent_workers=True)

    def work() -> None:
        for _ in loader:
            pass

    return work


@contextmanager
def in_its_own_process(
    make: Callable[..., Callable[[], None]], *arguments: object
) -> Iterator[Callable[[], None]]:
    """Give work that another process does: how ours keeps its memory must not help (c)."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs, make, arguments))
    process.start()

    def work() -> None:
        ours.send("work")
        ours.recv()

    yield work
    ours.send("end")
    process.join()


def _serve(line: Connection, make: Callable[..., Callable[[], None]], arguments: tuple) -> None:
    work = make(*arguments)
    while line.recv() == "work":
        work()
        line.send("done")


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def measured(name: str, pictures: Pictures, args: argparse.Namespace) -> list[dict[str, object]]:
    """Return one row a number format: rates of the three, and how they compare."""
    n = len(pictures.files)
    plain = recipe_for(args.device, "float32", args.threads)
    with in_its_own_process(released_loop, name, plain, pictures) as released:
        work = {"released": released, "loader": released_loader(pictures)}
        for dtype in args.formats:
            recipe = replace(plain, hardware=replace(plain.hardware, dtype=dtype))
            work[f"alone_{dtype}"] = network_alone(name, recipe, n)
            work[f"ours_{dtype}"] = our_loop(name, recipe, pictures)
            work[f"judged_{dtype}"] = judged(name, recipe, pictures)
        seconds = in_turn(work, rounds=args.rounds)
    rows = []
    for dtype in args.formats:
        alone, ours = seconds[f"alone_{dtype}"], seconds[f"ours_{dtype}"]
        row: dict[str, object] = {"model": name, "dtype": dtype, "crop": CROP, "judged_side": SIDE}
        timed = {"alone": alone, "ours": ours, "judged": seconds[f"judged_{dtype}"]}
        timed |= {name: seconds[name] for name in ("released", "loader")}
        for label, each in timed.items():
            row[f"{label}_per_second"] = n / sorted(each)[len(each) // 2]
        for label, (slow, fast) in {
            "ours_to_alone": (alone, ours),
            "ours_to_released": (seconds["released"], ours),
        }.items():
            row |= {key.replace("ratio", label): value for key, value in ratios(slow, fast).items()}
        rows.append(row | {"device": _name(args.device), "threads": args.threads, "n": n})
    return rows


def _name(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else processor()


def main() -> None:
    """Measure each model and write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument(
        "--formats",
        nargs="+",
        default=FORMATS,
        choices=FORMATS,
        help="bfloat16 on a processor without its instructions takes minutes a step",
    )
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pictures", type=int, default=96, help="a pass; a multiple of 16")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    hardware = recipe_for(args.device, "float32", args.threads).hardware
    prepared_device(hardware)
    with tempfile.TemporaryDirectory() as folder:
        pictures = make_pictures(Path(folder), args.pictures)
        rows = [row for name in args.models for row in measured(name, pictures, args)]
    write(f"training_{args.device}", rows)


if __name__ == "__main__":
    main()
