"""In a child process: the setting is for good."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
import numpy as np
from depth_seg_ros.system.memory import keep_freed_memory
if sys.argv[1] == "keep" and not keep_freed_memory():
    sys.exit(3)
def faults():
    for _ in range(30):
        arrays = [np.ones(3_000_000, np.uint8) for _ in range(4)]
        del arrays
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
faults()
before = faults()
print(faults() - before)
"""


def page_faults(mode: str) -> int:
    done = subprocess.run([sys.executable, "-c", SCRIPT, mode], capture_output=True, text=True)
    if done.returncode == 3:
        pytest.skip("the C library is not glibc")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a setting of glibc")
def test_freed_images_are_not_faulted_in_again():
    assert page_faults("keep") < page_faults("leave") / 10
