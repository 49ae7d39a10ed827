section "Donations and subscriptions: a real Kubo, a real upstream"

. .ci/kubo/nodes.sh

kubo_init pd
kubo_start pd
data=$work/data-sharing
start_nginx
top=${paths[0]}
shared() {
    narsil donate list --data "$data" --json
}
donated() { shared | jq -er '.donations[0].'"$1"; }
launch sharing ./narsil serve --data "$data" --listen 127.0.0.1:0 \
    --upstream "$url_nginx/cache-none?trusted-key=$key" --ipfs-public-keys "$key" --ipfs-api "$(kubo_api pd)"
# a JVM that has just started may be slower than its upstreams have time
curl -s -o /dev/null "$url_sharing/00000000000000000000000000000000.narinfo"

subscribed() {
    narsil subscribe add all "$top" --every 1d --data "$data"
    narsil subscribe run all --data "$data"
    narsil subscribe list --data "$data" --json >"$work/subscribed"
    same complete "$(jq -r '.subscriptions[0].result' "$work/subscribed")"
    narsil cat-nar "$top" --data "$data" >/dev/null
}
check "a subscription brings a closure from the upstream" subscribed
listed() {
    printf '%s\n' "${paths[@]}" | xz >"$work/store-paths.xz"
    narsil subscribe add list "$url_nginx/store-paths.xz" --every 1d --data "$data"
    narsil subscribe run list --data "$data"
    for path in "${paths[@]}"; do narsil path-info "$path" --data "$data" >/dev/null; done
    narsil subscribe run list --data "$data" --json | jq -e '.broughtPaths == 0'
}
check "a subscription to a compressed list brings all, once" listed
kept() {
    narsil donate add top "$top" --data "$data"
    narsil donate run --data "$data"
    same kept "$(donated result)"
    cid=$(narsil path-info --data "$data" --json "$top" | jq -re .narCid)
    same "$(narsil cat-nar --data "$data" "$top" | sha256sum)" "$(ipfs pd cat --offline "$cid" | sha256sum)"
}
check "a donation is published and is the NAR" kept
lost() {
    ipfs pd pin ls --type=recursive -q | xargs -r env IPFS_PATH="$work/kubo/pd" "$kubo" pin rm
    ipfs pd repo gc -q >/dev/null
    narsil donate run --data "$data"
    same "$(donated keptPaths)" "$(donated publishedPaths)"
    ipfs pd cat --offline "$(narsil path-info --data "$data" --json "$top" | jq -re .narCid)" >/dev/null
    ipfs pd repo verify
}
check "what the daemon lost is published again" lost
stop sharing
refused_private() {
    local name before
    generate "$work/cache-unsigned" 2 2000000
    narsil import "file://$work/cache-unsigned" --data "$data" --no-check-sigs
    before=$(ipfs pd refs local | sort | sha256sum)
    name=$(find "$work/cache-unsigned" -name '*.narinfo' -exec basename {} .narinfo \; | head -n 1)
    exits 1 narsil donate add secret "$name" --data "$data"
    narsil donate add secret "$name" --skip-private --data "$data"
    NARSIL_IPFS_PUBLIC_KEYS=$key narsil donate run --api "$(kubo_api pd)" --data "$data"
    same "$before" "$(ipfs pd refs local | sort | sha256sum)"
}
check "a private path is refused, and none of its blocks is sent" refused_private
removed() {
    narsil donate remove top --data "$data"
    narsil donate remove secret --data "$data"
    narsil donate run --api "$(kubo_api pd)" --data "$data"
    ipfs pd repo gc -q >/dev/null
    same 0 "$(narsil ipfs status --api "$(kubo_api pd)" --data "$data" --json | jq .published)"
}
check "a donation that is removed goes with the garbage" removed

kubo_kill pd
