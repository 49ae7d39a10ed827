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
misses() { # FROM TO: a configuration of curl that asks for paths nobody has
    local i
    for ((i = $1; i <= $2; i++)); do
        printf 'url = "%s/%032d.narinfo"\noutput = /dev/null\nwrite-out = "%%{http_code}\\n"\n' "$url_near" "$i"
    done
}
offline() {
    local begin
    forget
    nix copy --from "$url_near" --to "local?root=$work/root-offline" --option trusted-public-keys "$key" "$tool"
    diff -r --no-dereference "$tool" "$work/root-offline$tool"
    # the first ones find out
    misses 10 19 | curl -s --config -
    begin=$(date +%s%N)
    same "    100 404" "$(misses 100 199 | curl -s --config - | sort | uniq -c)"
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
