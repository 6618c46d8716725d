#!/usr/bin/env bash
# Run bench_token with tokens of its own: SoftHSM2 and swtpm.
set -euo pipefail
# shellcheck source=tests/lib/tokens.sh
. "$(dirname "$0")/../lib/tokens.sh"
tokens_present || { echo "softhsm2, swtpm or tpm2-tools is not installed" >&2; exit 1; }
tokens_begin
"${AFORO_BUILDDIR:?}/tests/bench/bench_token" "$@"
