section "import over HTTP"

start_nginx

from_narsil() {
    narsil import "$url" --closure-of "$big" --data "$work/data-from-narsil" --trusted-key "$key"
    same "$(nix-store -qR "$big" | wc -l)" "$(narsil stats --data "$work/data-from-narsil" --json | jq .paths)"
    narsil import "$url" --paths-from "$work/built" --data "$work/data-from-narsil" --trusted-key "$key"
    sound_nars "$work/data-from-narsil"
}
check "from another Narsil: --closure-of, then --paths-from" from_narsil
no_list() {
    exits 1 narsil import "$url" --data "$work/data-no-list" --trusted-key "$key" 2>"$work/no-list"
    cat "$work/no-list"
    grep -Eq 'paths-from|closure|list' "$work/no-list"
}
check "without a selection the error says what is needed" no_list

from_nginx() {
    narsil import "$url_nginx/cache-xz" --paths-from - --data "$work/data-from-nginx" --trusted-key "$key" \
        <"$work/built"
    sound_nars "$work/data-from-nginx"
}
check "from static files behind nginx, --paths-from -" from_nginx
from_nginx_list() {
    xz -k <"$work/built" >"$work/cache-none/store-paths.xz"
    narsil import "$url_nginx/cache-none" --data "$work/data-from-list" --trusted-key "$key"
    sound_nars "$work/data-from-list"
}
check "from static files behind nginx, everything by store-paths.xz" from_nginx_list

