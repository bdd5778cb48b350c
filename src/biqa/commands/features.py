"""Compute a hand-crafted method's numbers for every picture of a database, once."""

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the method, the pictures and the files."""
    parser.add_argument("--spec", required=True, help="JSON of the method and the seed")
    parser.add_argument("--code", default="", help="digest of the code, kept with the features")
    parser.add_argument("--pictures", type=Path, required=True, help="prepared folder")
    parser.add_argument("--basis", type=Path, help="npz file that the step 'basis' wrote")
    parser.add_argument("--state", type=Path, required=True, help="file that keeps finished rows")
    parser.add_argument("--output", type=Path, required=True, help="npz file")


def run(arguments: argparse.Namespace) -> None:
    """Compute, going on where a killed computation stopped, and write one file."""
    import time

    from biqa.baselines.tables import compute, key_of, read_arrays, write_arrays
    from biqa.handcrafted import create_method
    from biqa.pictures.store import PictureStore

    started = time.process_time()
    spec = json.loads(arguments.spec)
    method = create_method(spec["model"]["name"], **spec["model"]["options"])
    store = PictureStore.open(arguments.pictures)
    basis, basis_facts = read_arrays(arguments.basis) if arguments.basis else ({}, {})
    pixels = store.facts["pixels_sha256"]
    key = key_of(arguments.spec, arguments.code, pixels, json.dumps(basis_facts, sort_keys=True))
    values = compute(
        method,
        store,
        basis,
        state=(arguments.state, key),
        report=lambda done: print(f"{done} of {len(store)} pictures", flush=True),
    )
    facts = {"spec": spec, "code": arguments.code, "pixels_sha256": pixels, "basis": basis_facts}
    write_arrays(arguments.output, {"features": values}, facts)
    arguments.state.unlink(missing_ok=True)
    print(f"{len(store)} pictures, {time.process_time() - started:.1f} s of processor time")
