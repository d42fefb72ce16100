"""Helpers of this folder are importable by name, however pytest is started."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the stand-in libcuda.so.1."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc to compile the stand-in driver")
    folder = tmp_path_factory.mktemp("driver")
    command = ["gcc", "-shared", "-fPIC", "-w", "-Wl,-soname,libcuda.so.1", "-o"]
    command += [str(folder / "libcuda.so.1"), str(HERE / "stand_in" / "fake_driver.c")]
    subprocess.run(command, check=True)
    return folder


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
