section "NixOS module"

evaluated() {
    for file in nix/*.nix; do
        nix-instantiate --parse "$file" >/dev/null
    done
    nix-instantiate --eval --strict --json .ci/nixos-module.nix >"$work/module.json"
    jq -e .assertions "$work/module.json"
    jq -er .script "$work/module.json" >"$work/module.sh"
    bash -n "$work/module.sh"
}
check "the module is evaluated, and its script is one" evaluated
declared() {
    local bin=$work/module-bin
    mkdir -p "$bin"
    printf '#!/bin/sh\nexit 0\n' >"$bin/curl"
    # shellcheck disable=SC2016 # for the script that is written
    printf '#!/bin/sh\ncase "$*" in *list*) echo "{\\"donations\\":[{\\"name\\":\\"hello\\"},{\\"name\\":\\"old\\"}],\\"subscriptions\\":[]}";; *) echo "$*" >>"%s" ;; esac\n' \
        "$work/module.calls" >"$bin/narsil"
    chmod +x "$bin"/*
    PATH=$bin:$PATH bash "$work/module.sh"
    cat "$work/module.calls"
    same 3 "$(wc -l <"$work/module.calls")"
    grep -q '^donate add .* hello /nix/store/.*-hello-2.12$' "$work/module.calls"
    grep -q "^subscribe add .* channel https://example.org/it's$" "$work/module.calls"
    grep -q '^donate remove old$' "$work/module.calls"
}
check "it tells the server what is declared, and removes what is not" declared
