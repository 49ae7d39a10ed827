section "IPFS: an index of paths, on real Kubos"

. .ci/kubo/nodes.sh

kubo_init xa
kubo_init xb
# the DHT of these two, for the name
ipfs xa config Routing.Type dht
ipfs xb config Routing.Type dht
kubo_start xa
kubo_start xb
ipfs xb swarm connect "$(ipfs xa id -f '<addrs>' | head -n 1)" >"$work/output" 2>&1 || die "nodes: $(cat "$work/output")"

data=$work/data-index
narsil key generate e2e-index-1 --out "$work/index.sec" >"$work/output" 2>&1 || die "a key: $(cat "$work/output")"
index_key=$(narsil key public "$work/index.sec") || die "no key"
narsil import "file://$work/cache-none" --data "$data" --trusted-key "$key" >"$work/output" 2>&1 \
    || die "import for the index: $(cat "$work/output")"
# index ARGUMENT...: on the publisher's daemon.
index() { narsil ipfs index publish --data "$data" --api "$(kubo_api xa)" --sign-key-file "$work/index.sec" --json "$@"; }

indexed() {
    narsil ipfs publish --api "$(kubo_api xa)" --data "$data" --all --trusted-key "$key"
    index >"$work/index"
    same "${#paths[@]}" "$(jq .paths "$work/index")"
    ipfs xa pin ls --type=recursive "$(jq -r .cid "$work/index")"
    same true "$(jq .changed "$work/index")"
    index >"$work/index-again"
    same "$(jq -r .cid "$work/index") false" "$(jq -r '"\(.cid) \(.changed)"' "$work/index-again")"
}
check "all published paths are in an index that the daemon keeps" indexed

start publisher "$data"
told() {
    local path digest
    for path in "${paths[@]}"; do
        digest=$(basename "$path" | cut -c 1-32)
        curl -sfS "$url_publisher/$digest.narinfo" >"$work/narinfo"
        same "X-Narsil-Cid: $(narsil path-info --data "$data" --json "$path" | jq -r '"\(.manifestCid) \(.narCid)"')" \
            "$(tail -n 1 "$work/narinfo")"
    done
    forget
    copy_down "$url_publisher" root-told
}
check "narinfos tell the CIDs, and the client takes them as others" told

follower=$work/data-follower
followed() {
    narsil ipfs index subscribe --data "$follower" --api "$(kubo_api xb)" "$url_publisher" \
        --trusted-key "$index_key" --trusted-key "$key"
    exits 1 narsil ipfs index subscribe --data "$work/data-distrusts" --api "$(kubo_api xb)" "$url_publisher" \
        --trusted-key "$key" 2>"$work/refused"
    grep -q "not a key that is trusted for it" "$work/refused"
    same "${#paths[@]}" "$(narsil ipfs index list --data "$follower" --json | jq '.subscriptions[0].paths')"
}
check "another store follows it by HTTP, with the right key only" followed
stop publisher

# a dead upstream beside: nobody listens there
launch follower ./narsil serve --data "$follower" --listen 127.0.0.1:0 --ipfs-api "$(kubo_api xb)" \
    --upstream "$url_publisher?trusted-key=$key"
substituted() {
    forget
    copy_down "$url_follower" root-follower
    narsil verify --data "$follower"
}
check "every HTTP upstream is dead: nix substitutes what the index knows, from IPFS" substituted
stop follower

named() {
    local name
    ipfs xa key gen cache
    name=$(index --ipns cache | jq -r .name)
    narsil ipfs index subscribe --data "$work/data-named" --api "$(kubo_api xb)" "/ipns/$name" \
        --trusted-key "$index_key" --json >"$work/named"
    same "${#paths[@]}" "$(jq .paths "$work/named")"
}
check "an IPNS name stands for it, also on another node" named

hanging() {
    local began=$SECONDS
    kill -STOP "${pids[kubo-xb]}"
    same 404 "$(curl -s -o "$work/narinfo" -w '%{http_code}' "$url_hung/$(basename "${paths[0]}" | cut -c 1-32).narinfo")"
    kill -CONT "${pids[kubo-xb]}"
    [ $((SECONDS - began)) -le 10 ]
}
narsil ipfs index subscribe --data "$work/data-hung" --api "$(kubo_api xa)" "/ipns/$(ipfs xa key list -l | awk '$2 == "cache" { print $1 }')" \
    --trusted-key "$index_key" --trusted-key "$key" >"$work/output" 2>&1 || die "following: $(cat "$work/output")"
launch hung ./narsil serve --data "$work/data-hung" --listen 127.0.0.1:0 --no-upstream --ipfs-api "$(kubo_api xb)"
check "the daemon hangs: a narinfo is 404 and not late" hanging
stop hung
kubo_kill xa
kubo_kill xb
