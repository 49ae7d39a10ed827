section "offline"

narsil import "file://$work/cache-zstd" --data "$work/data-far" --trusted-key "$key" 2>"$work/output" \
    || die "import for the upstream: $(cat "$work/output")"
start far "$work/data-far"
pull near "$work/data-near" "$url_far?trusted-key=$key"
online() {
    forget
    nix copy --from "$url_near" --to "local?root=$work/root-near" --option trusted-public-keys "$key" "$tool"
    deadline=$((SECONDS + 60))
    until [ "$(narsil stats --data "$work/data-near" --json | jq .paths)" = 2 ]; do [ "$SECONDS" -lt "$deadline" ]; done
}
check "a closure of two comes through" online
stop far
offline() {
    local begin i
    forget
    nix copy --from "$url_near" --to "local?root=$work/root-offline" --option trusted-public-keys "$key" "$tool"
    diff -r --no-dereference "$tool" "$work/root-offline$tool"
    # the first ones find out
    for i in 1 2 3 4 5 6 7 8; do
        curl -s -o /dev/null "$url_near/0000000000000000000000000000000$i.narinfo"
    done
    begin=$(date +%s%N)
    for i in $(seq 100 199); do
        same 404 "$(curl -s -o /dev/null -w '%{http_code}' "$url_near/00000000000000000000000000000$i.narinfo")"
    done
    echo "100 misses in $((($(date +%s%N) - begin) / 1000000)) ms"
    [ $(($(date +%s%N) - begin)) -lt 10000000000 ]
}
check "stored paths are served, what is not stored is 404 at once" offline
cat >"$work/built-offline.nix" <<NIX
derivation { name = "narsil-e2e-offline-$$"; system = builtins.currentSystem; builder = "/bin/sh";
  args = [ "-c" "echo built > \$out" ]; }
NIX
builds() {
    local out
    forget
    out=$(nix-build --no-out-link "$work/built-offline.nix" --option substitute true --option substituters "$url_near" \
        --option trusted-public-keys "$key")
    same built "$(cat "$out")"
    nix-store --delete "$out" >/dev/null
}
check "nix builds what nobody has" builds
narsil_sound() { narsil verify --data "$work/data-near"; }
check "the store is sound" narsil_sound
stop near
