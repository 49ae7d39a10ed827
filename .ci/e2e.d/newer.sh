section "what newer clients do: parallel uploads, ranges, several frames, content codings"

start newer "$work/data-newer" --allow-anonymous-writes
newer_client() {
    benchmarks/newer-client --url "$url_newer"
    narsil verify --data "$work/data-newer"
}
check "200 NARs at once, largest first; resumed downloads; encoded narinfos and logs" newer_client
grep -h "^figure" "$work/output" | sed 's/^figure/     /'
stop newer
