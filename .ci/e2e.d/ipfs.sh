section "IPFS: publishing on a real Kubo"

. .ci/kubo/nodes.sh

kubo_init pa
kubo_init pb
kubo_start pa
kubo_start pb

data=$work/data-ipfs
narsil import "file://$work/cache-none" --data "$data" --trusted-key "$key" >"$work/output" 2>&1 \
    || die "import for publishing: $(cat "$work/output")"
# cid DATA FIELD PATH
cid() { narsil path-info --data "$1" --json "$3" | jq -re ".$2"; }
# is_nar NODE DATA PATH: the node has all of its NAR.
is_nar() { same "$(narsil cat-nar --data "$2" "$3" | sha)" "$(ipfs "$1" cat --offline "$(cid "$2" narCid "$3")" | sha)"; }
# publish NODE DATA ARGUMENT...
publish() { narsil ipfs publish --api "$(kubo_api "$1")" --data "$2" "${@:3}"; }

published() {
    publish pa "$data" --all --trusted-key "$key" --json >"$work/published"
    same "${#paths[@]} 0 0" "$(jq -r '"\(.published) \(.refused) \(.failed)"' "$work/published")"
    for path in "${paths[@]}"; do
        is_nar pa "$data" "$path"
        ipfs pa pin ls --type=recursive "$(cid "$data" manifestCid "$path")"
    done
    ipfs pa repo verify
}
check "every NAR is a file of Kubo, and its manifest is pinned" published
again() {
    publish pa "$data" --all --trusted-key "$key" --json >"$work/published"
    same "0 ${#paths[@]} 0" "$(jq -r '"\(.published) \(.present) \(.blocks)"' "$work/published")"
}
check "a second time nothing is sent" again
elsewhere() {
    ipfs pb swarm connect "$(ipfs pa id -f '<addrs>' | head -n 1)"
    for path in "${paths[@]}"; do
        ipfs pb pin add "$(cid "$data" manifestCid "$path")"
        is_nar pb "$data" "$path"
    done
}
check "another node has it over Bitswap" elsewhere
wiped() {
    local path=${paths[0]}
    ipfs pa pin rm "$(cid "$data" manifestCid "$path")"
    ipfs pa repo gc -q
    exits 1 narsil ipfs status --api "$(kubo_api pa)" --data "$data"
    publish pa "$data" "$path" --trusted-key "$key"
    narsil ipfs status --api "$(kubo_api pa)" --data "$data"
    is_nar pa "$data" "$path"
}
check "what the daemon lost is told, and sent again" wiped

private=$work/data-private
generate "$work/cache-private" 6 40000000 >"$work/output" 2>&1 || die "generating: $(cat "$work/output")"
narsil import "file://$work/cache-private" --data "$private" --no-check-sigs >"$work/output" 2>&1 \
    || die "import of private paths: $(cat "$work/output")"
refused() {
    local before name
    before=$(ipfs pa refs local | sort | sha)
    name=$(find "$work/cache-private" -name '*.narinfo' -exec basename {} .narinfo \; | head -n 1)
    exits 1 publish pa "$private" "$name" --trusted-key "$key" 2>"$work/refused"
    grep -q "$name.*not published" "$work/refused"
    exits 1 publish pa "$private" --closure-of "$name" --trusted-key "$key"
    publish pa "$private" --all --trusted-key "$key" --json >"$work/published"
    same "0 6" "$(jq -r '"\(.published) \(.refused)"' "$work/published")"
    same "$before" "$(ipfs pa refs local | sort | sha)"
}
check "a path that no trusted key has signed is refused by name, and none of its blocks is sent" refused

blocks() { find "$work/kubo/pa/blocks" -name '*.data' | wc -l; }
# begin_publishing: publishes the private paths in the background, sets pid, and returns when some blocks have arrived.
begin_publishing() {
    local before tries
    before=$(blocks)
    publish pa "$private" --all --no-check-sigs >"$work/publishing" 2>&1 &
    pid=$!
    for ((tries = 600; tries > 0; tries--)); do
        [ $(($(blocks) - before)) -lt 100 ] || return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    cat "$work/publishing"
    return 1
}
whole() {
    publish pa "$private" --all --no-check-sigs --json >"$work/published"
    cat "$work/published"
    same "6 0" "$(jq -r '"\(.published + .present) \(.failed)"' "$work/published")"
    find "$work/cache-private" -name '*.narinfo' -exec basename {} .narinfo \; | while read -r name; do
        is_nar pa "$private" "$name"
    done
}
interrupted() {
    begin_publishing
    pkill -9 -P "$pid" || true
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" || true
    jobs -p >/dev/null
}
check "publishing is killed in the middle" interrupted
check "it goes on where it stopped, and all is there" whole
unpublished() {
    narsil ipfs unpublish --api "$(kubo_api pa)" --data "$private" --all
    ipfs pa repo gc -q | wc -l
    same 0 "$(narsil ipfs status --api "$(kubo_api pa)" --data "$private" --json | jq .published)"
    is_nar pa "$data" "${paths[0]}"
}
check "what is unpublished goes with the garbage, the rest stays" unpublished

killed_daemon() {
    local status=0
    begin_publishing
    kill -9 "${pids[kubo-pa]}"
    wait "$pid" || status=$?
    cat "$work/publishing"
    same 1 "$status"
    same 1 "$(grep -c 'narsil: ipfs publish: ' "$work/publishing")"
}
check "the daemon is killed in the middle: it fails at once, in one line" killed_daemon
wait "${pids[kubo-pa]}" 2>/dev/null
kubo_start pa
check "started anew, it gets the rest" whole

kubo_kill pa
kubo_kill pb
