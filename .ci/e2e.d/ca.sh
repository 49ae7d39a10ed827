section "content-addressed derivations, in a store directory of their own"

# A store of its own in $work/ca, whose directory is the same for all clients.
ca_client() {
    export NIX_STORE_DIR=$work/ca/store NIX_LOCALSTATE_DIR=$work/ca/var NIX_STATE_DIR=$work/ca/var/nix
    export NIX_LOG_DIR=$work/ca/var/log/nix NIX_CONFIG="$NIX_CONFIG
extra-experimental-features = ca-derivations"
    forget
}
cat >"$work/ca.nix" <<NIX
let mk = name: more: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh";
  __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; } // more);
in rec {
  low = mk "ca-low" { args = [ "-c" "echo low > \$out" ]; };
  top = mk "ca-top" { args = [ "-c" "echo made of \$low, and I am \$out > \$out" ]; inherit low; };
}
NIX
ca_up() {
    ca_client
    nix-build --no-out-link "$work/ca.nix" -A top >"$work/ca-out"
    nix copy --to "$url_ca?secret-key=$work/key.sec" --file "$work/ca.nix" top low
    cp "$(cat "$work/ca-out")" "$work/ca-top"
    curl -sfS "$url_ca/$(digest "$(cat "$work/ca-out")").narinfo" | grep -q '^CA: fixed:r:sha256:'
}
ca_down() {
    chmod -R u+w "$work/ca"
    rm -rf "$work/ca"
    ca_client
    # nothing may be built
    nix-build --no-out-link "$work/ca.nix" -A top --max-jobs 0 --option substitute true --option substituters "$url_ca" \
        --option trusted-public-keys "$key" >"$work/ca-again"
    same "$(cat "$work/ca-out")" "$(cat "$work/ca-again")"
    cmp "$work/ca-top" "$(cat "$work/ca-again")"
}
start ca "$work/data-ca" --allow-anonymous-writes --store-dir "$work/ca/store"
check "nix copy --to uploads realisations" ca_up
check "a new client realises them without building" ca_down
stop ca
