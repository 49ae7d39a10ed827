section "NARs that are out of the ordinary"

# Prints the strings of a NAR, each with its length and padding.
nar_strings() {
    local text pad
    for text in "$@"; do
        # shellcheck disable=SC2059 # the format is the byte
        printf "\\x$(printf %02x ${#text})\0\0\0\0\0\0\0%s" "$text"
        pad=$(((8 - ${#text} % 8) % 8))
        head -c "$pad" /dev/zero
    done
}
# hand_made CACHE NAME FILE: puts a NAR into a cache without a signature, and prints its store path.
hand_made() {
    local cache=$1 file=$3 hash path
    mkdir -p "$cache/nar"
    printf 'StoreDir: /nix/store\n' >"$cache/nix-cache-info"
    hash=$(nix-hash --flat --base32 --type sha256 "$file")
    path=/nix/store/${hash:0:32}-$2
    cp "$file" "$cache/nar/$hash.nar"
    printf '%s\n' "StorePath: $path" "URL: nar/$hash.nar" "Compression: none" "FileHash: sha256:$hash" \
        "FileSize: $(stat -c %s "$file")" "NarHash: sha256:$hash" "NarSize: $(stat -c %s "$file")" "References: " \
        >"$cache/${hash:0:32}.narinfo"
    printf '%s\n' "$path"
}
unsorted() {
    local file=$work/unsorted.nar path
    nar_strings nix-archive-1 '(' type directory entry '(' name b node '(' type regular contents two ')' ')' \
        entry '(' name a node '(' type regular contents one ')' ')' ')' >"$file"
    path=$(hand_made "$work/cache-odd" unsorted "$file")
    narsil import "file://$work/cache-odd" --data "$work/data-xz" --no-check-sigs
    narsil cat-nar --data "$work/data-xz" "$path" | cmp - "$file"
    curl -sfS "$url/$(curl -sfS "$url/$(digest "$path").narinfo" | sed -n 's/^URL: //p')" | cmp - "$file"
    narsil verify --data "$work/data-xz"
}
check "a NAR that is not canonical comes back byte for byte" unsorted
bad_path() {
    local path
    cp -r "$work/cache-none" "$work/cache-bad"
    path=$(grep -l -e "^StorePath: $tool" "$work/cache-bad"/*.narinfo)
    printf x | dd of="$work/cache-bad/$(sed -n 's/^URL: //p' "$path")" bs=1 seek=200 conv=notrunc 2>/dev/null
    exits 1 narsil import "file://$work/cache-bad" --data "$work/data-bad" --trusted-key "$key" 2>&1 | tee "$work/bad"
    grep -q -e "-tool" "$work/bad"
    same $((${#paths[@]} - 1)) "$(narsil stats --data "$work/data-bad" --json | jq .paths)"
}
check "one corrupt file fails alone: status 1, the path named, all others imported" bad_path

