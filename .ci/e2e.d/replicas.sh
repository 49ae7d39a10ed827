section "Copies elsewhere: a Narsil that gives space, two real Kubos"

. .ci/kubo/nodes.sh

kubo_init ra
kubo_init rb
# so that what its gateway has is what it keeps
ipfs rb config --json Gateway.NoFetch true
kubo_start ra
kubo_start rb

data=$work/data-replicas
narsil import "file://$work/cache-none" --data "$data" --trusted-key "$key" >"$work/output" 2>&1 \
    || die "import for copies: $(cat "$work/output")"
narsil token create --name friend --allow pin --data "$work/data-donor" >"$work/friend.key" 2>"$work/output" \
    || die "a token for a friend: $(cat "$work/output")"
# friend QUOTA: starts the friend, who gives each token so much.
friend() {
    start donor "$work/data-donor" --ipfs-api "$(kubo_api rb)" --pin-service --pin-quota "$1"
    cat >"$work/replicas.toml" <<TOML
[ipfs]
pin-services = ["friend=$url_donor/api/v1?key-file=$work/friend.key&gateway=$(cat "$work/kubo/rb/gateway")"]
TOML
}
friend 1GB
replicas() { narsil ipfs replicas "$@" --data "$data" --config "$work/replicas.toml"; }
round() { replicas run --api "$(kubo_api ra)" --json | tee "$work/round"; }
pins() { curl -sf -H "Authorization: Bearer $(cat "$work/friend.key")" "$url_donor/api/v1/pins?limit=1000&$1"; }
# settled: waits until the friend has nothing more to fetch.
settled() {
    local tries
    for ((tries = 600; tries > 0; tries--)); do
        [ "$(pins status=queued,pinning | jq .count)" != 0 ] || return 0
        sleep 0.1
    done
    return 1
}
wanted=$((2 * ${#paths[@]}))

copied() {
    narsil ipfs publish --api "$(kubo_api ra)" --data "$data" --all --trusted-key "$key"
    replicas set 2 --all
    round
    same "${#paths[@]}" "$(jq .asked "$work/round")"
    settled
    round
    same "$wanted 0 {}" "$(jq -r '"\(.verified) \(.missing) \(.failures)"' "$work/round")"
    replicas status
    for path in "${paths[@]}"; do
        ipfs rb pin ls --type=recursive "$(narsil path-info --data "$data" --json "$path" | jq -re .manifestCid)"
    done
}
check "a friend is asked for a copy of every path, and its blocks are seen" copied
lost() {
    ipfs rb pin ls --type=recursive --quiet | xargs -n 100 env IPFS_PATH="$work/kubo/rb" "$kubo" pin rm
    ipfs rb repo gc -q
    round
    same "${#paths[@]}" "$(jq .lost "$work/round")"
    exits 1 replicas status
    settled
    round
    same "$wanted 0" "$(jq -r '"\(.verified) \(.missing)"' "$work/round")"
}
check "what the friend says it has and does not give is lost, and asked for again" lost
by_kubo() {
    local cid tries
    cid=$(head -c 300000 /dev/urandom | ipfs ra add -Q --raw-leaves)
    ipfs ra pin remote service add friend "$url_donor/api/v1" "$(cat "$work/friend.key")"
    ipfs ra pin remote add --service=friend --name=something "$cid"
    ipfs ra pin remote ls --service=friend --name=something | grep "$cid"
    ipfs rb pin ls --type=recursive "$cid"
    ipfs ra pin remote rm --service=friend --name=something
    settled
    for ((tries = 100; tries > 0; tries--)); do
        ipfs rb pin ls --type=recursive "$cid" || return 0
        sleep 0.1
    done
    return 1
}
check "Kubo itself has something kept by the friend" by_kubo
let_go() {
    replicas set 0 --all
    round
    same "0" "$(pins status=queued,pinning,pinned,failed | jq .count)"
    same "[]" "$(replicas status --json | jq -c .paths)"
}
check "what is not wanted any more is let go" let_go
stop donor
friend 1kB
too_large() {
    replicas set 2 "$big"
    round
    settled
    round
    same 1 "$(jq .missing "$work/round")"
    exits 1 replicas status --json >"$work/round"
    jq -re '.paths[0].replicas[0].details' "$work/round" | grep 'larger than'
}
check "what is larger than the quota is not kept, and counts as missing" too_large
stop donor
kubo_kill ra
kubo_kill rb
