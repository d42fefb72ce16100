"""Helpers of this folder are importable by name, however pytest is started."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def _compiled(folder: Path, name: str, *options: str) -> Path:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc to compile the stand-in driver")
    command = ["gcc", "-shared", "-fPIC", "-w", *options, "-o", str(folder / name)]
    subprocess.run([*command, str(HERE / "stand_in" / "fake_driver.c")], check=True)
    return folder / name


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the stand-in libcuda.so.1."""
    folder = tmp_path_factory.mktemp("driver")
    return _compiled(folder, "libcuda.so.1", "-Wl,-soname,libcuda.so.1").parent


@pytest.fixture(scope="session")
def private_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stand-in under another name: once loaded, nobody else takes it for libcuda."""
    return _compiled(tmp_path_factory.mktemp("driver"), "private_driver.so")


@pytest.fixture(scope="session")
def old_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A driver from before a call that we make."""
    renamed = "-DcuGraphInstantiateWithFlags=cuGraphInstantiate_v2"
    return _compiled(tmp_path_factory.mktemp("driver"), "old_driver.so", renamed)


@pytest.fixture(scope="session")
def with_stand_ins(driver: Path) -> dict[str, str]:
    """Environment of a child process that finds the stand-ins for driver and TensorRT."""
    paths = [str(HERE / "stand_in"), str(HERE.parents[1]), *filter(None, sys.path)]
    return {
        **os.environ,
        "LD_LIBRARY_PATH": str(driver),
        "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": "1",
    }
