section "an upstream that dies in the middle of NARs"

rounds=${NARSIL_E2E_ROUNDS:-100}
# One derivation a round: its output comes from the cache only, and another one is built with it.
cat >"$work/rounds.nix" <<NIX
let mk = name: more: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; } // more);
in i: rec {
  part = mk "narsil-e2e-part-$$-\${i}" { args = [ "-c" "mkdir \$out; head -c 700000 /dev/urandom > \$out/noise; seq 1 60000 > \$out/text" ]; };
  whole = mk "narsil-e2e-whole-$$-\${i}" { inherit part; args = [ "-c" "cat \$part/noise \$part/text | sha256sum > \$out" ]; };
}
NIX
round_part() { nix-build --no-out-link -E "(import $work/rounds.nix \"$1\").part" "${@:2}"; }
prepare_rounds() {
    local i compression part
    for ((i = 0; i < rounds; i++)); do
        part=$(round_part "$i" 2>/dev/null)
        printf '%s %s %s\n' "$i" "$part" "$(cat "$part/noise" "$part/text" | sha256sum | cut -d' ' -f1)"
    done >"$work/rounds"
    forget
    for compression in none zstd xz; do
        awk -v c="$compression" '{ k = $1 % 5; if (c == (k < 2 ? "none" : k < 4 ? "zstd" : "xz")) print $2 }' "$work/rounds" \
            | xargs nix copy --to "file://$work/cache-rounds?compression=$compression&secret-key=$work/key.sec"
    done
    cut -d' ' -f2 "$work/rounds" | xargs nix-store --delete >/dev/null 2>&1
}
check "$rounds paths in a cache, and no longer in the store" prepare_rounds

start_nginx
launch flaky benchmarks/flaky-proxy --target "$url_nginx" --only /cache-rounds/nar/ --cut 0.6 --log
note "the proxy cuts 6 of 10 NARs at a random byte; $(grep seed "$work/flaky.log")"
pull cut "$work/data-cut" "$url_flaky/cache-rounds?trusted-key=$key"

# Prints the round if nix failed, built the part itself, or made another thing of it.
one_round() { # SUBSTITUTER NUMBER PART SHA256
    local out wanted
    wanted="$4  -"
    forget
    out=$(nix-build --no-out-link -E "(import $work/rounds.nix \"$2\").whole" --option substitute true --option substituters "$1" \
        --option trusted-public-keys "$key" 2>"$work/round.log") || { echo "round $2: nix-build failed" && return 1; }
    ! grep -q "building.*narsil-e2e-part" "$work/round.log" || { echo "round $2: the part was built" && return 1; }
    [ "$(cat "$out")" = "$wanted" ] || { echo "round $2: WRONG BYTES" && return 1; }
}
cut_rounds() {
    local number part sum bad=0 begin=$SECONDS
    while read -r number part sum; do
        one_round "$url_cut" "$number" "$part" "$sum" || {
            sed 's/^/  /' "$work/round.log"
            bad=$((bad + 1))
        }
    done <"$work/rounds"
    echo "$rounds rounds in $((SECONDS - begin)) s, $bad bad, $(grep -c '^cut ' "$work/flaky.log") cuts"
    same 0 "$bad"
    [ "$(grep -c '^cut ' "$work/flaky.log")" -ge $((rounds / 2)) ]
}
check "$rounds builds: none fails, no wrong byte" cut_rounds
grep -h "rounds in" "$work/output" | sed 's/^/      /'
stop_sound() {
    narsil verify --data "$work/data-cut"
    curl -sfS "$url_cut/metrics" | grep -E '^narsil_downloads_total|^narsil_upstream_nar' | sed 's/^/      /' >"$work/cut-figures"
}
check "the store is sound" stop_sound
sed -n '/resumed\|failed\|stored/p' "$work/cut-figures" 2>/dev/null
stop cut
stop flaky
remove_rounds() {
    nix-store --gc --print-dead 2>/dev/null | grep -e "-narsil-e2e-\(part\|whole\)-$$-" | xargs -r nix-store --delete >/dev/null 2>&1
}
remove_rounds
