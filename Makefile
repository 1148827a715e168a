# 清田 Qingtian. `make help` lists the targets.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test soak bench check contract contract-check stop clean lock environment environment-dev

PYTEST_WORKERS ?= 2
CACHES = .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-artifacts

# The newest Python from 3.11 on that can make an environment; a name on the path may be a shim that runs nothing.
FIND_PYTHON = for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  "$$python" -c 'import importlib.util as u, sys, venv; sys.exit(sys.version_info < (3, 11) or not (u.find_spec("ensurepip") or u.find_spec("pip")))' \
	    >/dev/null 2>&1 && break; \
	  python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo '没有可用的 Python：需要 3.11 或更新版本，并带 venv 或 pip（Debian、Ubuntu：apt install python3 python3-venv）。' >&2; \
	  echo 'No usable Python: 3.11 or newer is needed, with venv or pip (Debian, Ubuntu: apt install python3 python3-venv).' >&2; \
	  exit 1; \
	fi

help: ## 列出所有目标 · List the targets
	@echo '用法 Usage: make <target>'
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target text; do \
	  printf '  %-8s %s\n' "$$target" "$$text"; done
	@echo '变量 Variables: PORT=8000  DEMO=0  QINGTIAN_HOME=.qingtian  QINGTIAN_DATABASE_URL=postgresql://...  PYTEST_ARGS=...  PYTHON=...'

run: export DEMO ?= 1
run: environment ## 启动服务，默认带演示数据，Ctrl-C 停止 · Serve, with the demo unless DEMO=0; Ctrl-C stops
	@exec .venv/bin/python -m backend run

test: environment-dev ## 运行全部测试 · Run the whole test suite
	@.venv/bin/python -m pytest -n $(PYTEST_WORKERS) $(PYTEST_ARGS)

soak: environment-dev ## 长时间故障测试：数千次随机试验、五十次终止 · The fault suite at full length
	@QINGTIAN_SOAK=1 .venv/bin/python -m pytest tests/faults $(PYTEST_ARGS)

check: environment-dev contract-check ## 检查代码规范、类型、模块依赖和生成的文件 · Lint, types, import rules, generated files
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

contract: environment-dev ## 重新生成接口描述、表单、类型和方法页 · Write schemas, openapi.json, types and the method page anew
	@.venv/bin/python -m backend contract write

contract-check: environment-dev
	@.venv/bin/python -m backend contract check

bench: environment-dev ## 测量推送、同步、汇总、瓦片、导出、首屏，写 docs/benchmarks.md · Measure; QUICK=1 is short, COLD=1 adds a fresh clone, ROUNDS=3, PART=tiles
	@.venv/bin/python -m tests.bench $(if $(QUICK),--quick) $(if $(COLD),--cold) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(PART),--only $(PART))

stop: ## 停止私有数据库 · Stop the private databases of `make run` and `make test`
	@$(FIND_PYTHON); "$$python" tools/stop.py

clean: stop ## 删除环境、缓存和测试数据，保留业务数据 · Remove environment, caches and test data, keep the service's data
	rm -rf .venv .qingtian/test $(CACHES)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: ## 按 pyproject.toml 重新锁定依赖（需要 uv）· Pin the dependencies anew; UV_ARGS=--upgrade takes newer ones
	$(UV_COMPILE) --output-file requirements.lock
	$(UV_COMPILE) --group dev --output-file requirements-dev.lock

UV_COMPILE = uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(UV_ARGS)

environment:
	@$(FIND_PYTHON); "$$python" tools/environment.py requirements.lock

environment-dev:
	@$(FIND_PYTHON); "$$python" tools/environment.py requirements-dev.lock
