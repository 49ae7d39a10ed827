section "crashes and corruption"

generate "$work/cache-many" 60 6000000 >"$work/output" 2>&1 || die "generating a cache: $(cat "$work/output")"
killed() {
    local data=$work/data-killed killed=0 before
    pid=
    mkdir -p "$data"
    trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null' EXIT
    for _ in 1 2 3; do
        ./narsil import "file://$work/cache-many" --no-check-sigs --data "$data" &
        pid=$!
        before=$(find "$data" -name '*.blob' 2>/dev/null | wc -l)
        while kill -0 "$pid" 2>/dev/null && [ "$(find "$data" -name '*.blob' 2>/dev/null | wc -l)" -le "$before" ]; do :; done
        kill -9 "$pid" 2>/dev/null && killed=$((killed + 1))
        wait "$pid" || true
        pid=
        narsil verify --data "$data"
        narsil stats --data "$data" --json | jq -r '"after the kill: \(.paths) paths"'
    done
    [ "$killed" -gt 0 ]
    narsil import "file://$work/cache-many" --no-check-sigs --data "$data"
    same 60 "$(narsil stats --data "$data" --json | jq .paths)"
    narsil verify --data "$data"
}
check "kill -9 during an import, three times: sound after each, then it goes on to the end" killed

du_agrees() {
    local stored disk
    stored=$(narsil stats --data "$1" --json | jq .storedBytes)
    disk=$(du -s -B1 "$1" | cut -f1)
    echo "storedBytes $stored, du $disk"
    [ $(((stored > disk ? stored - disk : disk - stored) * 50)) -le "$disk" ]
}
check "storedBytes is within 2 % of du" du_agrees "$work/data-killed"

corrupt() {
    local data=$work/data-corrupt blob middle byte
    cp -r "$work/data-killed" "$data"
    blob=$(find "$data" -name '*.blob' -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
    middle=$(($(stat -c %s "$blob") / 2))
    byte=$(od -An -tu1 -j "$middle" -N 1 "$blob")
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$blob" bs=1 seek="$middle" conv=notrunc 2>/dev/null
    exits 1 narsil verify --data "$data"
}
check "one flipped bit in a blob file: verify says so, status 1" corrupt
start corrupt "$work/data-corrupt"
never_complete() {
    local narinfo nar hash wrong=0
    for narinfo in "$work"/cache-many/*.narinfo; do
        nar=$(sed -n 's/^URL: //p' "$narinfo")
        hash=$(sha256sum <"$work/cache-many/$nar")
        if curl -sf -o "$work/got.nar" "$url_corrupt/nar/${nar##*/}"; then
            same "$hash" "$(sha256sum <"$work/got.nar")"
        else
            wrong=$((wrong + 1))
        fi
    done
    echo "$wrong NARs did not come through"
    [ "$wrong" -ge 1 ] && [ "$wrong" -lt 60 ]
    kill -0 "${pids[corrupt]}"
}
check "no client gets a complete wrong NAR, and the others still come" never_complete

