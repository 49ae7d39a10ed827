section "IPFS: fetching from a real Kubo, and a Kubo that fetches from Narsil"

. .ci/kubo/nodes.sh

kubo_init fa
kubo_init fb
kubo_start fa
kubo_start fb
ipfs fb swarm connect "$(ipfs fa id -f '<addrs>' | head -n 1)" >"$work/output" 2>&1 || die "nodes: $(cat "$work/output")"

# the same builders with another text at the bottom: every path has a new name, and "big" the same content but for names
sed 's/that refers to nothing/that still refers to nothing/' "$work/builder.sh" >"$work/rebuilder.sh"
sed "s|$work/builder.sh|$work/rebuilder.sh|" "$work/paths.nix" >"$work/repaths.nix"
nix-build --no-out-link "$work/repaths.nix" >"$work/rebuilt" 2>"$work/output" || die "rebuilding: $(tail "$work/output")"
mapfile -t rebuilt <"$work/rebuilt"
big_again=$(grep -e '-big$' "$work/rebuilt")
nix copy --to "file://$work/cache-rebuilt?compression=none&secret-key=$work/key.sec" "${rebuilt[@]}" >"$work/output" 2>&1 \
    || die "copying the rebuild: $(cat "$work/output")"

data=$work/data-fetch
narsil import "file://$work/cache-none" "file://$work/cache-rebuilt" --data "$data" --trusted-key "$key" >"$work/output" 2>&1 \
    || die "import for fetching: $(cat "$work/output")"
publish() { narsil ipfs publish --api "$(kubo_api fa)" --data "$data" --trusted-key "$key" --json "$@"; }
# raw_blocks PATH: the raw blocks below its NAR.
raw_blocks() {
    ipfs fa refs -r --unique "$(narsil path-info --data "$data" --json "$1" | jq -re .narCid)" | grep '^bafkrei' | sort
}

rebuilt_published() {
    publish "$big" >"$work/published"
    publish "$big_again" >"$work/published-again"
    cat "$work/published" "$work/published-again"
    [ "$(jq .blocks "$work/published")" -gt 20 ]
    same 2 "$(jq .blocks "$work/published-again")"
    raw_blocks "$big" >"$work/raw"
    [ "$(wc -l <"$work/raw")" -gt 20 ]
    raw_blocks "$big_again" | diff "$work/raw" -
}
check "a rebuild that changes hashes adds two blocks, no raw one" rebuilt_published

narsil key generate e2e-fetch-1 --out "$work/fetch.sec" >"$work/output" 2>&1 || die "a key: $(cat "$work/output")"
fetch_key=$(narsil key public "$work/fetch.sec")
publish --all >"$work/output" 2>&1 || die "publishing: $(cat "$work/output")"
narsil ipfs index publish --data "$data" --api "$(kubo_api fa)" --sign-key-file "$work/fetch.sec" >"$work/output" 2>&1 \
    || die "an index: $(cat "$work/output")"
start source "$data"
# fetcher NAME: a store that follows the index.
fetcher() {
    narsil ipfs index subscribe --data "$work/data-$1" --api "$(kubo_api fb)" "$url_source" --trusted-key "$fetch_key" \
        --trusted-key "$key" >"$work/output" 2>&1 || die "following: $(cat "$work/output")"
}
# nar URL PATH: the SHA-256 of its NAR as the server gives it.
nar() { curl -sfS "$1/$(curl -sfS "$1/$(digest "$2").narinfo" | awk '$1 == "URL:" { print $2 }')" | sha; }
is_right() { same "$(narsil cat-nar --data "$data" "$2" | sha)" "$(nar "$1" "$2")"; }
from_daemon() { narsil stats --data "$work/data-$1" --json | jq .ipfs.fetchedBytes; }

fetcher delta
fetcher killed
stop source
launch delta ./narsil serve --data "$work/data-delta" --listen 127.0.0.1:0 --no-upstream --ipfs-api "$(kubo_api fb)"
delta() {
    local before
    is_right "$url_delta" "$big"
    before=$(from_daemon delta)
    is_right "$url_delta" "$big_again"
    echo "bytes from the daemon: $before, then $(from_daemon delta)"
    [ "$before" -gt 1000000 ]
    [ $(($(from_daemon delta) - before)) -lt 50000 ]
}
check "of a rebuild only what is new comes over IPFS: less than 50 KB" delta
stop delta

start source "$data"
launch killed ./narsil serve --data "$work/data-killed" --listen 127.0.0.1:0 --upstream "$url_source?trusted-key=$key" \
    --ipfs-api "$(kubo_api fb)"
killed() {
    local path
    for path in "${paths[@]}"; do
        is_right "$url_killed" "$path"
        [ "$path" != "${paths[1]}" ] || kill -9 "${pids[kubo-fb]}"
    done
    narsil verify --data "$work/data-killed"
}
check "the daemon is killed in the middle: everything comes by HTTP" killed
stop killed
stop source
wait "${pids[kubo-fb]}" 2>/dev/null || true
unset "pids[kubo-fb]"

port=$((15000 + RANDOM % 15000))
until port_free "$port"; do port=$((port + 1)); done
launch gateway ./narsil serve --data "$data" --listen "127.0.0.1:$port" --no-upstream --ipfs-gateway --ipfs-public-keys "$key" \
    --ipfs-addresses "/ip4/127.0.0.1/tcp/$port/http"
kubo_init fc
ipfs fc config --json Routing "{\"Type\": \"delegated\", \"DelegatedRouters\": [\"$url_gateway\"]}"
ipfs fc config --json HTTPRetrieval.Enabled true
kubo_start fc
by_http() {
    local path root manifest
    for path in "${paths[@]}" "$big_again"; do
        root=$(narsil path-info --data "$data" --json "$path" | jq -re .narCid)
        manifest=$(narsil path-info --data "$data" --json "$path" | jq -re .manifestCid)
        timeout 60 "$kubo" --api "$(kubo_api fc)" pin add "$manifest"
        same "$(narsil cat-nar --data "$data" "$path" | sha)" "$(timeout 60 "$kubo" --api "$(kubo_api fc)" cat "$root" | sha)"
    done
}
check "a Kubo with an empty repository and no peers pins and reads NARs straight from the store" by_http
as_car() {
    local manifest
    manifest=$(narsil path-info --data "$data" --json "$tree" | jq -re .manifestCid)
    curl -sfS "$url_gateway/ipfs/$manifest?format=car" | ipfs fa dag import --stats >"$work/car"
    grep -q "$manifest" "$work/car"
}
check "a CAR of all blocks of a path is taken by dag import" as_car
stop gateway
kubo_kill fa
kubo_kill fc
