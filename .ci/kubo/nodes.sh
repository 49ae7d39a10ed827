# Sourced by the parts that run a real Kubo: nodes that talk to nobody they are not told to. Sets kubo.

kubo=$(.ci/kubo/build) || die "there is no Kubo to check against"
note "$kubo, $("$kubo" version --number)"

# ipfs NODE ARGUMENT...: the daemon's own client.
ipfs() { IPFS_PATH=$work/kubo/$1 "$kubo" "${@:2}"; }
# kubo_init NODE: a repository that talks to nobody it is not told to.
kubo_init() {
    mkdir -p "$work/kubo"
    ipfs "$1" init --profile=test --empty-repo
    ipfs "$1" config Routing.Type none
    ipfs "$1" config --json Provide.Enabled false
} >"$work/output" 2>&1
# kubo_start NODE: starts its daemon and waits until that is ready.
kubo_start() {
    local log=$work/kubo/$1.log tries
    rm -f "$work/kubo/$1/api"
    : >"$log"
    IPFS_PATH=$work/kubo/$1 "$kubo" daemon >"$log" 2>&1 </dev/null &
    pids[kubo-$1]=$!
    for ((tries = 600; tries > 0; tries--)); do
        grep -q 'Daemon is ready' "$log" && return
        kill -0 "${pids[kubo-$1]}" 2>/dev/null || break
        sleep 0.1
    done
    sed 's/^/     | /' "$log"
    die "Kubo did not start"
}
kubo_kill() {
    kill -9 "${pids[kubo-$1]}"
    wait "${pids[kubo-$1]}" 2>/dev/null || true
    unset "pids[kubo-$1]"
}
# kubo_api NODE: where its API is.
kubo_api() { cat "$work/kubo/$1/api"; }
sha() { sha256sum | cut -d ' ' -f 1; }
