section "a real Kubo: what Narsil calls of its API"

. .ci/kubo/nodes.sh

# call NODE COMMAND...: Narsil's client, with the secret in the file $secret if that is set.
call() {
    # shellcheck disable=SC1091
    sh -c '. benchmarks/java.sh; run_benchmarks_class dev.narsil.benchmarks.kubo.KuboCommands "$@"' benchmarks/run \
        "$work/kubo/$1" "${secret:--}" "${@:2}"
}
# fails KIND NODE COMMAND...: the call fails with this kind and one line.
fails() {
    exits 1 call "${@:2}" 2>"$work/kubo/error"
    cat "$work/kubo/error"
    same 1 "$(wc -l <"$work/kubo/error")"
    grep -q "^$1: " "$work/kubo/error"
}

kubo_init a
kubo_init b
kubo_start a
kubo_start b

imported() {
    same "$("$kubo" version --number)" "$(call a version)"
    call a import 1 500 "$work/kubo/dag" | tee "$work/kubo/imported"
    grep -q '^502 blocks' "$work/kubo/imported"
    same true "$(call a pinned "$(cat "$work/kubo/dag/root")")"
    same "$(cat "$work/kubo/dag/sha256")" "$(ipfs a cat --offline "$(cat "$work/kubo/dag/file")" | sha)"
    same "$(cat "$work/kubo/dag/sha256")" "$(call a read "$work/kubo/dag/leaves" 32 true)"
    ipfs a repo verify
}
check "a CAR is imported, counted and pinned, and Kubo's file is what was meant" imported

over_bitswap() {
    local root
    root=$(cat "$work/kubo/dag/root")
    call b connect "$(call a id | head -n 1)"
    call a peers | grep -q .
    same absent "$(call b size "$(head -n 1 "$work/kubo/dag/leaves")")"
    call b pin "$root" "of a" 60
    call b pins | grep -qx "$root of a"
    same "$(cat "$work/kubo/dag/sha256")" "$(ipfs b cat --offline "$(cat "$work/kubo/dag/file")" | sha)"
    same true "$(call b unpin "$root")"
    same false "$(call b unpin "$root")"
}
check "another node fetches it by a pin" over_bitswap
window() {
    call a import 2 300 "$work/kubo/dag2"
    same "$(cat "$work/kubo/dag2/sha256")" "$(call b read "$work/kubo/dag2/leaves" 32 false)"
}
check "another node fetches single blocks in a window" window
moved() {
    local one two
    one=$(cat "$work/kubo/dag/root") two=$(cat "$work/kubo/dag2/root")
    call a update "$one" "$two"
    same "false true" "$(call a pinned "$one") $(call a pinned "$two")"
    call a update "$two" "$one"
    same "true false" "$(call a pinned "$one") $(call a pinned "$two")"
}
check "a pin moves to a root that is pinned already, and to one that is not" moved
incomplete() {
    same 21 "$(call a import-partial 3 20 1 false)"
    fails LATE a import-partial 3 20 1 true
    grep -q 'was not pinned' "$work/kubo/error"
    echo bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku >"$work/kubo/empty"
    fails ABSENT a read "$work/kubo/empty" 1 true
}
check "blocks that are missing are told, not waited for" incomplete
configured() {
    same unset "$(call a config Provide.Strategy)"
    call a set Provide.Strategy pinned+entities
    same pinned+entities "$(call a config Provide.Strategy)"
    same pinned+entities "$(ipfs a config Provide.Strategy)"
    call a repository | grep -q 'bytes=[1-9]'
    [[ $(call a publish "$(cat "$work/kubo/dag2/root")") == k51* ]]
}
check "its configuration, its size, its name" configured

hangs() {
    local status=0
    kill -STOP "${pids[kubo-a]}"
    (
        export NARSIL_KUBO_SECONDS=2
        fails LATE a version
        fails LATE b pin "$(cat "$work/kubo/dag2/root")" "" 30
    ) || status=$?
    kill -CONT "${pids[kubo-a]}"
    same 0 "$status"
    call a version
}
check "a daemon that hangs is given up in time, and so is a pin whose blocks do not come" hangs

# killed_while NODE COMMAND...: kills the node once the command has moved some blocks; it says so at once.
killed_while() {
    local node=$1 before after tries began pid status=0
    before=$(find "$work/kubo/$node/blocks" -name '*.data' | wc -l)
    call "$@" >"$work/kubo/killed" 2>&1 &
    pid=$!
    for ((tries = 600; tries > 0; tries--)); do
        after=$(find "$work/kubo/$node/blocks" -name '*.data' | wc -l)
        [ $((after - before)) -lt 200 ] || break
        sleep 0.1
    done
    kill -9 "${pids[kubo-$node]}"
    began=$SECONDS
    wait "$pid" || status=$?
    cat "$work/kubo/killed"
    same 1 "$status"
    grep -q '^UNREACHABLE: ' "$work/kubo/killed"
    [ $((SECONDS - began)) -lt 20 ]
}
check "killed during an import: it fails at once" killed_while a import 4 6000 "$work/kubo/dag4"
wait "${pids[kubo-a]}" 2>/dev/null
check "while it is not there: every call fails at once" fails UNREACHABLE a version
kubo_start a
again() {
    call a import 4 6000 "$work/kubo/dag4"
    same "$(cat "$work/kubo/dag4/sha256")" "$(ipfs a cat --offline "$(cat "$work/kubo/dag4/file")" | sha)"
    call b connect "$(call a id | head -n 1)"
}
check "started anew, it takes the same again" again
check "killed during a fetch: it fails at once" killed_while b read "$work/kubo/dag4/leaves" 32 false
wait "${pids[kubo-b]}" 2>/dev/null

ipfs b config --json API.Authorizations \
    '{"narsil": {"AuthSecret": "bearer:e2e-secret",
      "AllowedPaths": ["/api/v0/version", "/api/v0/block", "/api/v0/dag"]}}'
kubo_start b
authorized() {
    local secret=
    printf 'bearer:e2e-secret\n' >"$work/kubo/right"
    printf 'bearer:E2E-SECRET\n' >"$work/kubo/wrong"
    fails REFUSED b version
    fails REFUSED b import 5 2000 "$work/kubo/dag5"
    secret=$work/kubo/wrong
    fails REFUSED b version
    ! grep -q E2E-SECRET "$work/kubo/error"
    secret=$work/kubo/right
    call b version
    call b import 5 20 "$work/kubo/dag5"
    same "$(cat "$work/kubo/dag5/sha256")" "$(call b read "$work/kubo/dag5/leaves" 16 true)"
    fails REFUSED b id
}
check "a daemon that wants a secret: none, a wrong one, the right one, one not for this command" authorized

kubo_kill a
kubo_kill b
