# `make demo` shows what archdsl does; `make test` checks that it does it. Both set up `.venv` first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
STAMP := $(VENV)/.stamp
DEMO := build/demo
SECONDS := 600
# Processes that share the quick tests, each with one thread of PyTorch.
JOBS ?= 2
SHARED := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

.PHONY: help venv demo browser test zoo ecosystem test-all test-fast hostile test-layers mutation fuzz corpus pictures gallery lint format bench golden reference clean
help:
	@echo 'make demo      compile, draw and run DenseNet-121; results in $(DEMO)/'
	@echo 'make test      all tests, but a sample of the zoo, which has every family, of the ecosystem and of the hostile programs'
	@echo 'make browser   install Chromium (apt, as root), in which the HTML page is tested'
	@echo 'make ecosystem a model of each family through torch.compile, torch.export, ONNX, fx, DDP, FSDP and the rest'
	@echo 'make zoo       every model against its paper, torchvision and timm, and the time each takes'
	@echo 'make test-all  all tests'
	@echo 'make test-fast all tests but the slow ones'
	@echo 'make hostile   every hostile program, in every command'
	@echo 'make test-layers  thousands of cases of each layer against PyTorch'
	@echo 'make mutation  every spec of the zoo with every kind of mistake; rewrites docs/mutation.md'
	@echo 'make fuzz SECONDS=600  fuzz the compiler for so long; what is found is kept in tests/fuzz/regressions/'
	@echo 'make corpus    make the corpus of the fuzzer anew, with what fuzzing added under build/fuzz/'
	@echo 'make pictures  draw every family of the zoo in several ways and look at the boxes and dots'
	@echo 'make gallery   rewrite docs/gallery.md and its pictures'
	@echo 'make lint      ruff, mypy and archdsl fmt'
	@echo 'make format    let ruff format and mend what it can, and archdsl format the specs'
	@echo 'make bench     time the compiler and the modules it writes'
	@echo 'make golden    rewrite the golden files'
	@echo 'make reference rewrite the pages that are made: docs/layers.md, library.md, errors.md, limits.md, templates.md, optimising.md, specs/README.md'
	@echo 'make clean     remove what make made'

venv: $(STAMP)

# torchvision and timm are oracles of the tests only; without their dependencies they do with any build of PyTorch.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("archdsl needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt hatchling editables
	$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	$(PIP) install -c constraints.txt --no-deps torchvision timm
	$(PIP) install -c constraints.txt pillow huggingface_hub safetensors pyyaml
	$(PIP) install -c constraints.txt atheris || echo 'no atheris for this Python: its tests are skipped'
	@touch $@

demo: $(STAMP)
	@mkdir -p $(DEMO)
	$(BIN)/archdsl compile specs/densenet121.arch -o $(DEMO)/densenet121.py
	$(BIN)/archdsl draw specs/densenet121.arch -o $(DEMO)/densenet121.svg
	$(BIN)/python docs/examples/run_on_image.py $(DEMO)/densenet121.py $(DEMO)/image.png
	$(BIN)/archdsl summary specs/densenet121.arch --depth 2

# Chromium for the tests of the HTML page, where the system's packages have it; without it they are skipped.
browser:
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		{ timeout 120 apt-get update -qq && timeout 240 apt-get install -qq -y --no-install-recommends chromium chromium-driver >/dev/null; } \
		|| echo 'no Chromium could be installed: the tests of the HTML page are skipped'; \
	else echo 'no Chromium: the tests of the HTML page are skipped'; fi

test: $(STAMP)
	$(SHARED) -m 'not (slow and (zoo or hostile or ecosystem or fuzz or pictures))'

zoo: $(STAMP)
	$(BIN)/python -m pytest -q -m zoo --times

ecosystem: $(STAMP)
	$(SHARED) tests/ecosystem tests/integrations tests/export tests/layers/test_export.py tests/bench/test_running.py \
		tests/emit/test_extern.py

test-all: $(STAMP)
	$(BIN)/python -m pytest -q

test-fast: $(STAMP)
	$(SHARED) -m 'not slow'

hostile: $(STAMP)
	$(SHARED) -m hostile

test-layers: $(STAMP)
	$(SHARED) tests/layers/test_against_torch.py tests/layers/test_drawn.py --cases 5000

mutation: $(STAMP)
	$(BIN)/python -m tests.mutation --update

fuzz: $(STAMP)
	$(BIN)/python -m pytest -q tests/fuzz -k test_fuzzer_finds_what_is_there
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

corpus: $(STAMP)
	$(BIN)/python -m tests.fuzz --corpus

pictures: $(STAMP)
	$(SHARED) -m pictures

gallery: $(STAMP)
	$(BIN)/python -m pytest -q tests/draw/test_gallery.py --update

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/archdsl fmt --check specs
	$(BIN)/mypy --strict

format: $(STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/archdsl fmt specs

bench: $(STAMP)
	$(BIN)/python -m benchmarks
	$(BIN)/python benchmarks/cold_start.py
	$(BIN)/python benchmarks/elaboration.py
	$(BIN)/python benchmarks/drawing.py

golden: $(STAMP)
	$(BIN)/python -m pytest -q -m 'not slow' --update

reference: $(STAMP)
	$(BIN)/python -m pytest -q tests/manual/test_page.py tests/zoo/test_page.py tests/zoo/test_library_page.py \
		tests/diagnostics/test_pages.py tests/bounds/test_limits.py tests/manual/test_templates_page.py tests/passes/test_page.py \
		tests/ecosystem/test_page.py --update

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
