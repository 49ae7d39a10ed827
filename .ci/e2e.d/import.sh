section "import from file:// caches of every compression"

import_cache() {
    narsil import "file://$work/cache-$1" --data "$work/data-$1" --trusted-key "$key"
    same "${#paths[@]}" "$(narsil stats --data "$work/data-$1" --json | jq .paths)"
    sound_nars "$work/data-$1"
}
for compression in xz none zstd gzip bzip2; do
    check "import of a cache with compression=$compression, every NAR comes back" import_cache "$compression"
done

again() {
    narsil import "file://$work/cache-xz" --data "$work/data-xz" --trusted-key "$key" --json >"$work/again"
    same "0 ${#paths[@]} 0" "$(jq -r '"\(.imported) \(.skipped) \(.failed)"' "$work/again")"
}
check "a second import takes nothing in" again
untrusted() {
    exits 1 narsil import "file://$work/cache-xz" --data "$work/data-untrusted"
    same 0 "$(narsil stats --data "$work/data-untrusted" --json | jq .paths)"
}
check "without the key nothing is imported, and the status is 1" untrusted
no_check() {
    narsil import "file://$work/cache-xz" --data "$work/data-nocheck" --no-check-sigs
    same "${#paths[@]}" "$(narsil stats --data "$work/data-nocheck" --json | jq .paths)"
}
check "--no-check-sigs takes unsigned paths" no_check

