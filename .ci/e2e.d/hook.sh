section "a post-build-hook that uploads"

start hook "$work/data-hook" --allow-anonymous-writes
cat >"$work/hook" <<HOOK
#!/bin/sh
set -eu
export XDG_CACHE_HOME=$work/xdg-hook
# Nix 2.8.0 forgets to say OUT_PATHS
exec nix copy --to '$url_hook?compression=zstd&secret-key=$work/key.sec' \${OUT_PATHS:-\$(nix-store -q --outputs "\$DRV_PATH")}
HOOK
chmod +x "$work/hook"
cat >"$work/hooked.nix" <<NIX
derivation { name = "narsil-e2e-hooked-$$"; system = builtins.currentSystem; builder = "/bin/sh";
  args = [ "-c" "echo \$text > \$out" ]; text = builtins.storePath $text; }
NIX
hook() {
    local out
    out=$(nix-build --no-out-link "$work/hooked.nix" --option post-build-hook "$work/hook")
    forget
    nix copy --from "$url_hook" --to "local?root=$work/root-hook" --option trusted-public-keys "$key" "$out"
    cmp "$out" "$work/root-hook$out"
    [ -e "$work/root-hook$text/share/text" ]
    nix-store --delete "$out" >/dev/null
}
check "what was built is in the cache when nix-build returns, with what it refers to" hook
stop hook
