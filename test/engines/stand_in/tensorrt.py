"""A stand-in for TensorRT over ONNX Runtime: the same names, results at the same addresses.

Only what the package uses; ``test_tensorrt_names.py`` holds its names against the real bindings.
A "plan" is a magic word and the ONNX bytes. ``FAKE_TRT`` in the environment makes it misbehave.
"""

import ctypes
import enum
import json
import os
import time

import numpy as np
import onnxruntime

__version__ = os.environ.get("FAKE_TRT_VERSION", "10.3.0")
MAGIC = b"FAKEPLAN"
MODE = os.environ.get("FAKE_TRT", "")
log_of_calls = []

NetworkDefinitionCreationFlag = enum.IntEnum(
    "NetworkDefinitionCreationFlag", {"EXPLICIT_BATCH": 0, "STRONGLY_TYPED": 1}
)
BuilderFlag = enum.IntEnum(
    "BuilderFlag", ["FP16", "INT8", "TF32", "VERSION_COMPATIBLE", "GPU_FALLBACK"]
)
MemoryPoolType = enum.IntEnum("MemoryPoolType", ["WORKSPACE"])
ProfilingVerbosity = enum.IntEnum("ProfilingVerbosity", ["DETAILED"])
HardwareCompatibilityLevel = enum.IntEnum("HardwareCompatibilityLevel", ["NONE", "AMPERE_PLUS"])
DeviceType = enum.IntEnum("DeviceType", ["GPU", "DLA"])
TensorIOMode = enum.IntEnum("TensorIOMode", ["NONE", "INPUT", "OUTPUT"])
LayerInformationFormat = enum.IntEnum("LayerInformationFormat", ["ONELINE", "JSON"])
LayerType = enum.IntEnum("LayerType", ["QUANTIZE"])
DataType = enum.IntEnum("DataType", ["FLOAT", "HALF", "INT8", "INT32", "UINT8"])


class ILogger:
    Severity = enum.IntEnum("Severity", ["INTERNAL_ERROR", "ERROR", "WARNING", "INFO", "VERBOSE"])

    def __init__(self):
        self.ready = True


class IProgressMonitor:
    def __init__(self):
        self.ready = True


class _Config:
    def __init__(self):
        self.set, self.cleared, self.progress_monitor = [], [], None
        self.default_device_type, self.DLA_core = DeviceType.GPU, -1
        self.hardware_compatibility_level = HardwareCompatibilityLevel.NONE

    def set_flag(self, flag):
        self.set.append(flag.name)

    def clear_flag(self, flag):
        self.cleared.append(flag.name)

    def set_memory_pool_limit(self, pool, size):
        assert pool is MemoryPoolType.WORKSPACE
        self.workspace = size

    def create_timing_cache(self, data):
        return _TimingCache(bytes(data))

    def set_timing_cache(self, cache, ignore_mismatch):
        return cache.data in (b"", b"timings")


class _TimingCache:
    def __init__(self, data):
        self.data = data

    def serialize(self):
        return b"timings"


class _Network:
    num_layers = 0
    onnx = None


class Builder:
    def __init__(self, logger):
        assert logger.ready
        self._logger = logger
        if MODE == "old driver":
            logger.log(ILogger.Severity.ERROR, "CUDA initialization failure with error: 35")
            raise TypeError("pybind11::init(): factory function returned nullptr")

    def create_network(self, flags=0):
        assert flags == 1 << NetworkDefinitionCreationFlag.STRONGLY_TYPED
        return _Network()

    def create_builder_config(self):
        return _Config()

    def build_serialized_network(self, network, config):
        if MODE == "no plan":
            self._logger.log(ILogger.Severity.ERROR, "out of memory")
            return None
        if config.progress_monitor:
            config.progress_monitor.phase_start("Building", None, 20)
            assert all(config.progress_monitor.step_complete("Building", i) for i in range(20))
            config.progress_monitor.phase_finish("Building")
        time.sleep(float(os.environ.get("FAKE_TRT_BUILD_S", "0")))
        log_of_calls.append({
            "set": config.set, "cleared": config.cleared, "dla": config.DLA_core,
            "workspace": getattr(config, "workspace", None),
            "hardware": config.hardware_compatibility_level.name,
        })  # fmt: skip
        return memoryview(MAGIC + network.onnx)


class _ParserError:
    def __init__(self, text):
        self._text = text

    def desc(self):
        return self._text


class OnnxParser:
    def __init__(self, network, logger):
        self._network, self._errors = network, []

    @property
    def num_errors(self):
        return len(self._errors)

    def get_error(self, i):
        return _ParserError(self._errors[i])

    def parse(self, data):
        try:
            onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        except Exception as e:
            self._errors.append(str(e))
            return False
        self._network.onnx = bytes(data)
        return True


class Runtime:
    DLA_core = -1
    engine_host_code_allowed = False

    def __init__(self, logger):
        assert logger.ready
        self._logger = logger

    def deserialize_cuda_engine(self, plan):
        if not plan.startswith(MAGIC):
            self._logger.log(ILogger.Severity.ERROR, "magic tag does not match")
            return None
        return _Engine(plan[len(MAGIC) :])


class _Engine:
    device_memory_size_v2 = 3 << 20

    def __init__(self, onnx):
        self.session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
        self.tensors = [(t, TensorIOMode.INPUT) for t in self.session.get_inputs()]
        self.tensors += [(t, TensorIOMode.OUTPUT) for t in self.session.get_outputs()]
        self.half = b"fp16" in onnx
        self.int8 = b"QuantizeLinear" in onnx

    @property
    def num_io_tensors(self):
        return len(self.tensors)

    def get_tensor_name(self, i):
        return self.tensors[i][0].name

    def _find(self, name):
        return next(t for t in self.tensors if t[0].name == name)

    def get_tensor_mode(self, name):
        return self._find(name)[1]

    def get_tensor_dtype(self, name):
        kind = self._find(name)[0].type
        return {"tensor(uint8)": DataType.UINT8, "tensor(float)": DataType.FLOAT}[kind]

    def get_tensor_shape(self, name):
        return self._find(name)[0].shape

    def create_execution_context(self):
        return _Context(self)

    def create_engine_inspector(self):
        return _Inspector(self)


class _Inspector:
    def __init__(self, engine):
        self._engine = engine

    def get_engine_information(self, layer_format):
        assert layer_format is LayerInformationFormat.JSON
        kind = "Half" if self._engine.half else "Int8" if self._engine.int8 else "Float"
        if MODE == "wrong precision":
            kind = "Float"
        weights = {"Type": kind, "Count": 10}
        return json.dumps({"Layers": [{"Name": "conv", "Weights": weights}, "only a name"]})


class _Context:
    def __init__(self, engine):
        self._engine, self._addresses = engine, {}
        self._work = ctypes.CFUNCTYPE(None)(self._run)  # must stay alive

    def set_tensor_address(self, name, memory):
        self._addresses[name] = memory
        return True

    def execute_async_v3(self, stream_handle):
        if MODE == "no start":
            return False
        ctypes.CDLL("libcuda.so.1").fake_run(self._work)
        return True

    def _run(self):
        feeds = {t.name: self._array(t) for t, m in self._engine.tensors if m is TensorIOMode.INPUT}
        names = [t.name for t, m in self._engine.tensors if m is TensorIOMode.OUTPUT]
        for name, value in zip(names, self._engine.session.run(names, feeds), strict=True):
            if MODE == "wrong numbers" and name == "depth":
                value = value * 1.3
            if MODE == "not finite" and name == "depth":
                value = value * np.nan
            self._array(self._engine._find(name)[0])[...] = value

    def _array(self, tensor):
        dtype = np.uint8 if tensor.type == "tensor(uint8)" else np.float32
        size = int(np.prod(tensor.shape)) * np.dtype(dtype).itemsize
        memory = (ctypes.c_uint8 * size).from_address(self._addresses[tensor.name])
        return np.frombuffer(memory, dtype).reshape(tensor.shape)
