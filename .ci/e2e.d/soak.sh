section "a soak of everything at once"

soak() { benchmarks/soak --seconds "${NARSIL_E2E_SOAK_SECONDS:-120}"; }
check "${NARSIL_E2E_SOAK_SECONDS:-120} seconds of everything, faults included: nothing wrong, nothing grows, verify is clean" soak
sed -n 's/^/      /p' "$work/output"
