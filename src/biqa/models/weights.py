"""Put published or own weights into a model, or say exactly why they do not fit."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from biqa.errors import InputError
from biqa.models.quality import QualityModel, WeightsRecord

SHOWN = 3  # names in an error message


def load_weights(model: QualityModel, source: str | Path) -> WeightsRecord:
    """Load ``source`` into ``model``; note it in ``model.weights_records`` and return the note.

    ``none``: nothing. ``hub``: the library's own ImageNet weights, for the pretrained part.
    ``file:<path>`` (or a path): a safetensors file, for the whole model or for its pretrained
    part, whichever shares more names. A classifier that the model lacks is left out by name.
    """
    if source == "none":
        return WeightsRecord("none", "", 0)
    if source == "hub":
        record = _load_from_library(model)
    elif isinstance(source, Path) or source.startswith("file:"):
        record = _load_into_best_part(model, _path(source))
    else:
        raise InputError(f"unknown weights {source!r}; write none, hub or file:<path>")
    model.weights_records.append(record)
    return record


def load_file(
    module: nn.Module, source: str | Path, *, ignored: Iterable[str] = ()
) -> WeightsRecord:
    """Load a safetensors file (a path, or ``file:<path>``) into ``module``.

    Names that begin as one of ``ignored`` are left out.

    The prefix ``module.`` of networks trained on several devices is taken off.
    """
    path = _path(source)
    tensors, sha256 = _read(path)
    return fit(module, tensors, where=f"file:{path}", sha256=sha256, ignored=ignored)


def fit(
    module: nn.Module,
    tensors: Mapping[str, Tensor],
    *,
    where: str,
    sha256: str = "",
    ignored: Iterable[str] = (),
) -> WeightsRecord:
    """Copy ``tensors`` into ``module``; every name and every shape has to fit.

    Batch normalisation's ``num_batches_tracked`` may be absent: it is not used here.
    """
    own = module.state_dict()
    left_out = tuple(sorted(name for name in tensors if name.startswith(tuple(ignored))))
    given = {name: tensor for name, tensor in tensors.items() if name not in left_out}
    missing = [
        name for name in own if name not in given and not name.endswith("num_batches_tracked")
    ]
    unknown = [name for name in given if name not in own]
    reshaped = [
        f"{name} is {tuple(given[name].shape)}, expected {tuple(own[name].shape)}"
        for name in own
        if name in given and given[name].shape != own[name].shape
    ]
    complaints = [
        _count("missing", missing, len(own)),
        _count("unknown", unknown, len(given)),
        _count("of another shape", reshaped, len(own)),
    ]
    if any(complaints):
        raise InputError(
            f"{where}: these weights are not for this {type(module).__name__}: "
            + "; ".join(filter(None, complaints))
        )
    module.load_state_dict(given, strict=False)
    return WeightsRecord(where, sha256, len(given), left_out)


def _load_into_best_part(model: QualityModel, path: Path) -> WeightsRecord:
    tensors, sha256 = _read(path)
    module: nn.Module = model
    ignored: tuple[str, ...] = ()
    if model.pretrained is not None:
        part = model.get_submodule(model.pretrained.child)
        if len(tensors.keys() & part.state_dict()) > len(tensors.keys() & model.state_dict()):
            module, ignored = part, model.pretrained.ignored
    return fit(module, tensors, where=f"file:{path}", sha256=sha256, ignored=ignored)


def _load_from_library(model: QualityModel) -> WeightsRecord:
    part = model.pretrained
    if part is None or part.download is None:
        raise InputError(
            f"{type(model).__name__}: no library offers weights for it; use none or file:<path>"
        )
    try:
        tensors = part.download()
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"weights hub: the download failed ({error}); without a network, write file:<path>"
        ) from error
    return fit(model.get_submodule(part.child), tensors, where="hub", ignored=part.ignored)


def _path(source: str | Path) -> Path:
    return Path(str(source).removeprefix("file:"))


def _read(path: Path) -> tuple[dict[str, Tensor], str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot read these weights ({error.strerror})") from error
    try:
        tensors = load(content)
    except SafetensorError as error:
        raise InputError(f"{path}: not a safetensors file ({error})") from error
    if tensors and all(name.startswith("module.") for name in tensors):
        tensors = {name.removeprefix("module."): tensor for name, tensor in tensors.items()}
    return tensors, hashlib.sha256(content).hexdigest()


def _count(fault: str, items: list[str], total: int) -> str:
    if not items:
        return ""
    more = ", ..." if len(items) > SHOWN else ""
    return f"{len(items)} of {total} {fault} ({', '.join(items[:SHOWN])}{more})"
