section "signatures and logs"

nix-store --generate-binary-cache-key narsil-e2e-2 "$work/key2.sec" "$work/key2.pub"
nix-store --generate-binary-cache-key narsil-e2e-server "$work/server.sec" "$work/server.pub"
start signer "$work/data-signer" --allow-anonymous-writes --sign-key-file "$work/server.sec"

sigs() { curl -sfS "$url_signer/$(digest "$1").narinfo" | sed -n 's/^Sig: \([^:]*\):.*/\1/p' | sort | paste -sd' '; }
server_signs() {
    forget
    nix copy --to "$url_signer?secret-key=$work/key.sec" "${paths[@]}"
    same "narsil-e2e-1 narsil-e2e-server" "$(sigs "$tool")"
    forget
    nix copy --from "$url_signer" --to "local?root=$work/root-server-key" \
        --option trusted-public-keys "$(cat "$work/server.pub")" "$tool"
}
check "--sign-key-file adds a signature beside the client's, and nix trusts it" server_signs
store_sign() {
    forget
    nix store sign --store "$url_signer" --key-file "$work/key2.sec" "${paths[@]}"
    same "narsil-e2e-1 narsil-e2e-2 narsil-e2e-server" "$(sigs "$tool")"
    forget
    nix store verify --store "$url_signer" --sigs-needed 3 \
        --option trusted-public-keys "$key $(cat "$work/key2.pub") $(cat "$work/server.pub")" "$tool"
    # uploading again without any signature takes none away
    forget
    nix copy --to "$url_signer" "$tool"
    same "narsil-e2e-1 narsil-e2e-2 narsil-e2e-server" "$(sigs "$tool")"
}
check "nix store sign --store http://... adds, and takes nothing away" store_sign

sign_upstreams() {
    forget
    nix store sign --store "$url_front" --key-file "$work/key2.sec" "$tool"
    same "narsil-e2e-1 narsil-e2e-2" "$(curl -sfS "$url_front/$(digest "$tool").narinfo" \
        | sed -n 's/^Sig: \([^:]*\):.*/\1/p' | sort | paste -sd' ')"
    # it is stored with its NAR, not only passed on
    same 1 "$(narsil stats --data "$work/data-signs-upstreams" --json | jq .paths)"
    forget
    nix store verify --store "$url_front" --sigs-needed 2 \
        --option trusted-public-keys "$key $(cat "$work/key2.pub")" "$tool"
}
start_nginx
launch front ./narsil serve --data "$work/data-signs-upstreams" --listen 127.0.0.1:0 --allow-anonymous-writes \
    --upstream "$url_nginx/cache-xz?trusted-key=$key"
curl -s -o /dev/null "$url_front/00000000000000000000000000000000.narinfo"
check "nix store sign --store http://... of a path that only the upstream has" sign_upstreams
stop front

cat >"$work/logged.nix" <<NIX
derivation { name = "narsil-e2e-logged-$$"; system = builtins.currentSystem; builder = "/bin/sh";
  args = [ "-c" "echo this is what the builder says; echo x > \$out" ]; }
NIX
logs() {
    local drv out
    drv=$(nix-instantiate "$work/logged.nix" 2>/dev/null)
    out=$(nix-store --realise "$drv")
    forget
    nix copy --to "$url_signer" "$out"
    if nix log --store "$url_signer" "$out"; then
        echo "there was a log before it was uploaded"
        return 1
    fi
    nix store copy-log --to "$url_signer" "$drv"
    nix log --store "$url_signer" "$out" | grep -qx 'this is what the builder says'
    curl -sfS "$url_signer/log/${drv##*/}" | grep -qx 'this is what the builder says'
    curl -sfSI "$url_signer/log/${drv##*/}" >/dev/null
    nix-store --delete "$out" >/dev/null
}
check "nix store copy-log, nix log" logs
stop signer

tokens() {
    local token
    token=$(narsil token create --data "$work/data-signer" --name e2e --allow read,write | grep -Eo '[A-Za-z0-9_-]{20,}' | head -n 1)
    printf 'machine 127.0.0.1 login any password %s\n' "$token" >"$work/netrc"
    forget
    if nix copy --to "$url_signer" "$big"; then
        echo "an upload without a token was taken"
        return 1
    fi
    forget
    nix copy --option netrc-file "$work/netrc" --to "$url_signer" "$big"
    narsil token revoke --data "$work/data-signer" e2e
    forget
    if nix copy --option netrc-file "$work/netrc" --to "$url_signer" "${paths[@]}" "$(nix-store --add "$work/netrc")"; then
        echo "an upload with a revoked token was taken"
        return 1
    fi
}
rm -rf "$work/data-signer"
start signer "$work/data-signer"
check "writes need a token, by netrc; a revoked one counts no more" tokens
stop signer
