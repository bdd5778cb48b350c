"""Run a command on one GPU of this machine, with a share of its memory to itself."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the share, the devices and the command."""
    parser.add_argument("--memory", type=int, required=True, help="MB that the command needs")
    parser.add_argument("--devices", help="name:MB,name:MB in place of what the driver says")
    parser.add_argument("--folder", type=Path, help="where the locks lie; default: of this user")
    parser.add_argument("command", nargs="+", help="after --")


def run(arguments: argparse.Namespace) -> None:
    """Wait for the share, then become the command; the share ends with it."""
    import os
    import sys

    from biqa.errors import InputError
    from biqa.seam.devices import default_folder, found_devices, stated_devices, take
    from biqa.seam.shares import HELD

    stated = arguments.devices
    devices = stated_devices(stated) if stated else found_devices(os.environ)
    device, slots = take(devices, arguments.memory, arguments.folder or default_folder())
    for slot in slots:
        os.set_inheritable(slot.fileno(), True)
    print(f"biqa device: {device.name}, {arguments.memory} MB", file=sys.stderr, flush=True)
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": device.name, HELD: str(os.getpid())}
    try:
        os.execvpe(arguments.command[0], arguments.command, environment)
    except FileNotFoundError as error:
        raise InputError(f"there is no command {arguments.command[0]!r}") from error
