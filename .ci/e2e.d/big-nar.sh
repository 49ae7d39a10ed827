section "a NAR of 5 GB in a heap of 512 MB"

big_nar() {
    local nar hash begin
    generate "$work/cache-big" 1 5000000000
    nar=$(cd "$work/cache-big/nar" && ls)
    hash=$(sha256sum <"$work/cache-big/nar/$nar")
    begin=$(date +%s%N)
    narsil import "file://$work/cache-big" --no-check-sigs --data "$work/data-big"
    echo "import: $((($(date +%s%N) - begin) / 1000000)) ms" >>"$work/big-figures"
    rm "$work/cache-big/nar/$nar"
    start big "$work/data-big"
    begin=$(date +%s%N)
    same "$hash" "$(curl -sfS "$url_big/nar/$nar" | sha256sum)"
    echo "serve: $((($(date +%s%N) - begin) / 1000000)) ms, most resident memory of the server:" \
        "$(sed -n 's/^VmHWM:\s*//p' "/proc/${pids[big]}/status")" >>"$work/big-figures"
    stop big
}
check "imported and served, the hash is right" big_nar
[ -e "$work/big-figures" ] && sed 's/^/      /' "$work/big-figures"
