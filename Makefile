# Tools are pinned in go.mod; `make` lists what there is.
GO ?= go
BENCH_DIR ?= bench-out/node

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/layerbuild
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/layerbuild ./cmd/layerbuild

.PHONY: demo
demo: build ## Build the example layer and publish it to the embedded sandbox
	./bin/layerbuild publish --sandbox examples/greeting

.PHONY: test
test: ## Run all tests of the module, with the race detector
	$(GO) test -race -shuffle=on -timeout 20m ./...

.PHONY: e2e
e2e: ## Test against an independent S3 server and parsers (a module of its own)
	cd test/e2e && $(GO) test -timeout 20m ./...

.PHONY: lint
lint: ## gofmt, vet, staticcheck, the import rules; golangci-lint where installed
	@test -z "$$(gofmt -l .)" || { echo "run gofmt -w on:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test ./internal/imports
	@if command -v golangci-lint >/dev/null; then golangci-lint run; fi

.PHONY: golden
golden: ## Write the golden files and generated pages anew
	$(GO) test ./manifest ./runtimes ./packager -update

.PHONY: fuzz
fuzz: ## Fuzz every parser of foreign bytes for 30 seconds each
	./.ci/fuzz 30s

.PHONY: bench
bench: build ## Compare with zip and others on a real node_modules tree (needs npm)
	./bench/corpus.sh $(BENCH_DIR)
	$(GO) build -o bin/bench ./bench
	./bin/bench -layerbuild bin/layerbuild $(BENCH_DIR)/tree

.PHONY: vuln
vuln: ## Look dependencies up in the Go vulnerability database (needs the network)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin bench-out examples/*/dist examples/*/.layerbuild
