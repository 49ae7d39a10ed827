section "pull-through: from another Narsil and from nginx"

# Waits until the store of a server has all paths.
await_stored() {
    local deadline=$((SECONDS + 60)) stored=
    until [ "$stored" = "${#paths[@]}" ]; do
        [ "$SECONDS" -lt "$deadline" ] || { echo "only $stored of ${#paths[@]} paths are stored" && return 1; }
        stored=$(narsil stats --data "$1" --json | jq .paths)
    done
}
cold() {
    forget
    copy_down "$1" root-cold
    await_stored "$2"
    narsil verify --data "$2"
}
warm() {
    forget
    copy_down "$1" root-warm
}

narsil import "file://$work/cache-none" --data "$work/data-origin" --trusted-key "$key" 2>"$work/output" \
    || die "import for the origin: $(cat "$work/output")"
start origin "$work/data-origin"
pull front "$work/data-front" "$url_origin?priority=10&trusted-key=$key"
check "cold, from another Narsil" cold "$url_front" "$work/data-front"
stop origin
check "warm, with the other Narsil stopped" warm "$url_front"
stop front

start_nginx
for compression in xz none zstd gzip bzip2; do
    pull front "$work/data-front-$compression" "$url_nginx/cache-$compression?trusted-key=$key"
    check "cold, from nginx over a signed cache of $compression" cold "$url_front" "$work/data-front-$compression"
    check "warm" warm "$url_front"
    stop front
done

at_once() {
    local client pids=() failed=0
    forget
    for client in 1 2 3 4 5 6; do
        XDG_CACHE_HOME=$work/xdg-$client copy_down "$url_front" "root-at-once-$client" &
        pids+=($!)
    done
    for client in "${pids[@]}"; do
        wait "$client" || failed=$((failed + 1))
    done
    same 0 "$failed"
    # nobody fetched a NAR twice
    same "$(awk '{ print $2 }' "$work/hashes" | sort -u | wc -l)" \
        "$(curl -sfS "$url_front/metrics" | sed -n 's/^narsil_downloads_total{event="started"} \([0-9]*\).*/\1/p')"
}
pull front "$work/data-at-once" "$url_nginx/cache-xz?trusted-key=$key"
check "six clients at once, cold: each NAR is fetched once" at_once
stop front

nix-store --generate-binary-cache-key narsil-e2e-1 "$work/other.sec" "$work/other.pub"
distrusted() {
    forget
    same 404 "$(curl -s -o /dev/null -w '%{http_code}' "$url_front/$(digest "$tool").narinfo")"
    if nix path-info --store "$url_front" "$tool"; then
        return 1
    fi
}
pull front "$work/data-distrust" "$url_nginx/cache-xz?trusted-key=$(cat "$work/other.pub")"
check "what no trusted key signed is not passed on" distrusted
stop front
second_upstream() {
    cold "$url_front" "$work/data-second"
}
pull front "$work/data-second" "http://127.0.0.1:9?priority=1&trusted-key=$key" "$url_nginx/cache-zstd?priority=2&trusted-key=$key"
check "the first upstream refuses connections, the second has everything" second_upstream
stop front
