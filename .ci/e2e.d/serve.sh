section "serve, and substitute with nix"

start main "$work/data-xz"
url=$url_main
note "serving $work/data-xz at $url"

copy_all() {
    forget
    nix copy --from "$url" --to "local?root=$work/root" --option trusted-public-keys "$key" "${paths[@]}"
    same "$(cat "$work/hashes")" "$(nar_hashes "local?root=$work/root" "${paths[@]}")"
    nix store verify --store "local?root=$work/root" --option trusted-public-keys "$key" "${paths[@]}"
    for path in "${paths[@]}"; do
        diff -r --no-dereference "$path" "$work/root$path"
    done
}
check "nix copy into an empty store, signatures checked; nix store verify; same files" copy_all
copy_untrusted() {
    forget
    if nix copy --from "$url" --to "local?root=$work/root-untrusted" --option trusted-public-keys '' "$tool"; then
        echo "it was accepted without a trusted key"
        return 1
    fi
    [ ! -e "$work/root-untrusted$tool" ]
}
check "nix refuses the same without the key" copy_untrusted
copy_closure() {
    forget
    nix copy --from "$url" --to "local?root=$work/root-closure" --option trusted-public-keys "$key" "$big"
    same "$(nix-store -qR "$big" | sort)" "$(nix-store --store "local?root=$work/root-closure" -qR "$big" | sort)"
}
check "nix copy of one path brings its closure" copy_closure
substitute() {
    forget
    nix-store --store "local?root=$work/root-realise" --realise "$tool" --option substitute true \
        --option substituters "$url" --option trusted-public-keys "$key"
    diff -r --no-dereference "$tool" "$work/root-realise$tool"
}
check "nix-store --realise substitutes" substitute
remote_info() {
    forget
    same "$(cat "$work/hashes")" "$(nar_hashes "$url" "${paths[@]}")"
    same "$(nix path-info --json "${paths[@]}" | jq -S 'map({path, references: (.references | sort)}) | sort_by(.path)')" \
        "$(nix path-info --store "$url" --json "${paths[@]}" | jq -S 'map({path, references: (.references | sort)}) | sort_by(.path)')"
}
check "nix path-info: hashes, sizes, references" remote_info
store_cat() {
    nix store cat --store "$url" "$big/big" | cmp - "$big/big"
    nix store cat --store "$url" "$tree/names/with space/(odd) 'name' \$x" | cmp - "$tree/names/with space/(odd) 'name' \$x"
}
check "nix store cat" store_cat
store_ls() {
    same "$(nix store ls -lR --store local "$tree")" "$(nix store ls -lR --store "$url" "$tree")"
    same "$(nix store ls --json -R --store "$url" "$tool" | jq -S .)" "$(jq -S .root "$work/cache-xz/$(digest "$tool").ls")"
}
check "nix store ls" store_ls
listings() {
    local path
    for path in "${paths[@]}"; do
        same "$(jq -S . "$work/cache-xz/$(digest "$path").ls")" "$(curl -sfS "$url/$(digest "$path").ls" | jq -S .)"
    done
}
check ".ls is what nix copy writes with write-nar-listing" listings
signed_fields() {
    local path fields='StorePath|NarHash|NarSize|References|Deriver|Sig|CA|System'
    for path in "${paths[@]}"; do
        same "$(grep -E "^($fields):" "$work/cache-xz/$(digest "$path").narinfo")" \
            "$(curl -sfS "$url/$(digest "$path").narinfo" | grep -E "^($fields):")"
    done
}
check "narinfos keep every signed field" signed_fields
http_forms() {
    local nar file=$work/whole.nar
    nar=$url/$(curl -sfS "$url/$(digest "$big").narinfo" | sed -n 's/^URL: //p')
    nix-store --dump "$big" >"$file"
    curl -sfS "$nar" | cmp - "$file"
    curl -sfS -r 1000-1999 "$nar" | cmp - <(tail -c +1001 "$file" | head -c 1000)
    curl -sfS -r 1000000- "$nar" | cmp - <(tail -c +1000001 "$file")
    curl -sfSI "$nar" | tr -d '\r' | grep -qi "^content-length: $(stat -c %s "$file")$"
    same 206 "$(curl -s -o /dev/null -w '%{http_code}' -r 0-0 "$nar")"
    same 416 "$(curl -s -o /dev/null -w '%{http_code}' -r 99999999- "$nar")"
    same 404 "$(curl -s -o /dev/null -w '%{http_code}' "$url/00000000000000000000000000000000.narinfo")"
    same 405 "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$nar")"
    same 200 "$(curl -s -o /dev/null -w '%{http_code}' "$url/healthz")"
    curl -sfS "$url/nix-cache-info" | grep -qx 'StoreDir: /nix/store'
}
check "whole NARs, ranges, HEAD, 404, 405, 416, healthz, nix-cache-info" http_forms

section "commands while serve runs"

while_served() {
    same "${#paths[@]}" "$(narsil stats --data "$work/data-xz" --json | jq .paths)"
    same "$(awk -v p="$tool" '$1 == p { print $3 }' "$work/hashes")" \
        "$(narsil path-info --data "$work/data-xz" --json "$tool" | jq .narSize)"
    narsil cat-nar --data "$work/data-xz" "$big" | cmp - <(nix-store --dump "$big")
    narsil verify --data "$work/data-xz"
    narsil verify --data "$work/data-xz" --json | jq -e '.problems == []'
    narsil doctor --data "$work/data-xz"
}
check "stats, path-info, cat-nar, verify, doctor" while_served
import_while_served() {
    same 0 "$(narsil stats --data "$work/data-live" --json | jq .paths)"
    narsil import "file://$work/cache-zstd" --data "$work/data-live" --trusted-key "$key"
    forget
    same "$(cat "$work/hashes")" "$(nar_hashes "$url_live" "${paths[@]}")"
}
start live "$work/data-live"
check "import into a store that is served; the server has it at once" import_while_served
second_server() { exits 75 narsil serve --data "$work/data-xz" --listen 127.0.0.1:0; }
check "a second serve on the same directory: status 75" second_server

