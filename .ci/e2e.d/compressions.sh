section "uploads in every compression, and down again"

uploaded() { # SERVER-URL EVENT: how many uploads came to this
    curl -sfS "$1/metrics" | sed -n "s/^narsil_uploads_total{event=\"$2\"} \([0-9]*\).*/\1/p"
}
# Nix 2.8 aborts when it reads lzma, from files of its own as well, so xz does it. The files are named as Nix names them.
remembered_lzma() {
    local narinfo hash
    nix copy --to "file://$work/cache-lzma?compression=lzma" "${paths[@]}"
    for narinfo in "$work"/cache-lzma/*.narinfo; do
        hash=$(curl -sfS "$url_up/$(sed -n 's/^URL: //p' "$narinfo")" | xz --format=lzma -dc | sha256sum | cut -d' ' -f1)
        same "$(sed -n 's/^NarHash: //p' "$narinfo")" "sha256:$(nix hash to-base32 --type sha256 "$hash")"
    done
}
round_trip() {
    local compression=$1 before
    forget
    nix copy --to "$url_up?compression=$compression&secret-key=$work/key.sec&write-nar-listing=1" "${paths[@]}"
    # with what the client remembers of its own upload: its file names, in its compression
    if [ "$compression" = lzma ]; then
        remembered_lzma
    else
        copy_down "$url_up" root-alias
    fi
    forget
    copy_down "$url_up" root-fresh
    # once more: all is there, so no NAR is sent
    before=$(uploaded "$url_up" nar-stored)
    [ "$before" -gt 0 ]
    forget
    nix copy --to "$url_up?compression=$compression&secret-key=$work/key.sec" "${paths[@]}"
    same "$before" "$(uploaded "$url_up" nar-stored)"
    for path in "${paths[@]}"; do
        curl -sfS "$url_up/$(digest "$path").narinfo" | grep -q '^Sig: narsil-e2e-1:'
        curl -sfS "$url_up/$(digest "$path").ls" | jq -e .root
    done
    narsil verify --data "$work/data-up-$compression"
}
for compression in none xz bzip2 gzip zstd br lz4 lzip lzma; do
    start up "$work/data-up-$compression" --allow-anonymous-writes
    check "nix copy --to ...?compression=$compression, down as remembered and as a new client" round_trip "$compression"
    stop up
done

