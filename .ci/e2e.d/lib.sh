# Sourced by .ci/e2e: how checks are run, servers started, and what the client is. Sets work, passed, failed, pids.

work=$(mktemp -d "${TMPDIR:-/tmp}/narsil-e2e.XXXXXX")
passed=0
failed=0
declare -A pids=()

cleanup() {
    for pid in "${pids[@]}"; do
        kill -9 "$pid" 2>/dev/null
    done
    [ -s "$work/nginx/nginx.pid" ] && kill "$(cat "$work/nginx/nginx.pid")" 2>/dev/null
    mountpoint -q "$work/full" 2>/dev/null && umount "$work/full"
    chmod -R u+w "$work" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Begins a part; tells after how many seconds.
section() { printf '\n-- %s (%d s)\n' "$*" "$SECONDS"; }
note() { printf '      %s\n' "$*"; }
die() {
    printf 'FAIL %s\n' "$*"
    printf '%d passed, %d failed\n' "$passed" $((failed + 1))
    exit 1
}

# check NAME COMMAND...: runs it in a subshell that ends at the first failing command.
check() {
    local name=$1 status
    shift
    (
        set -euo pipefail
        "$@"
    ) >"$work/output" 2>&1 </dev/null
    status=$?
    if [ "$status" = 0 ]; then
        printf 'ok   %s\n' "$name"
        passed=$((passed + 1))
    else
        printf 'FAIL %s (status %d)\n' "$name" "$status"
        tail -n 25 "$work/output" | sed 's/^/     | /'
        failed=$((failed + 1))
    fi
}

# For checks: compares, and says what differs.
same() {
    [ "$1" = "$2" ] || {
        printf 'expected: %s\nactual:   %s\n' "$1" "$2"
        return 1
    }
}
# For checks: succeeds if the command ends with status $1.
exits() {
    local wanted=$1 status=0
    shift
    "$@" || status=$?
    same "$wanted" "$status"
}

narsil() { ./narsil "$@"; }

# launch NAME COMMAND...: starts a process that says "listening on URL" on its output, waits for that, and sets url_NAME.
launch() {
    local name=$1 line fd
    shift
    rm -f "$work/$name.fifo"
    mkfifo "$work/$name.fifo"
    exec {fd}<>"$work/$name.fifo"
    "$@" >&"$fd" 2>"$work/$name.log" </dev/null &
    pids[$name]=$!
    if ! IFS= read -r -t 120 line <&"$fd" || [[ $line != *listening* ]]; then
        sed 's/^/     | /' "$work/$name.log"
        die "$name did not say 'listening': ${line:-}"
    fi
    printf -v "url_$name" '%s' "http://127.0.0.1:${line##*:}"
}
# start NAME DATA [OPTION...]: starts a server on a free port, without upstreams, and sets url_NAME.
start() {
    local name=$1 data=$2
    shift 2
    launch "$name" ./narsil serve --data "$data" --listen 127.0.0.1:0 --no-upstream "$@"
}
# pull NAME DATA UPSTREAM...: starts a server that asks upstreams, and sets url_NAME.
pull() {
    local name=$1 data=$2 options=() upstream
    shift 2
    for upstream in "$@"; do
        options+=(--upstream "$upstream")
    done
    launch "$name" ./narsil serve --data "$data" --listen 127.0.0.1:0 "${options[@]}"
    # a JVM that has just started may be slower than its upstreams have time
    upstream=url_$name
    curl -s -o /dev/null "${!upstream}/00000000000000000000000000000000.narinfo" \
        "${!upstream}/00000000000000000000000000000001.narinfo" -o /dev/null
}

# stop NAME: stops a server with SIGTERM and waits until it has ended.
stop() {
    kill "${pids[$1]}"
    wait "${pids[$1]}" || true
    unset "pids[$1]"
}

# Starts nginx on the files of $work, once, and sets url_nginx.
port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
start_nginx() {
    local bin port=$((15000 + RANDOM % 15000))
    [ -z "${url_nginx:-}" ] || return 0
    until port_free "$port"; do port=$((port + 1)); done
    mkdir -p "$work/nginx"
    cat >"$work/nginx/nginx.conf" <<NGINX
pid $work/nginx/nginx.pid;
error_log $work/nginx/error.log;
worker_processes 1;
events { }
http {
  access_log off;
  client_body_temp_path $work/nginx; proxy_temp_path $work/nginx; fastcgi_temp_path $work/nginx;
  uwsgi_temp_path $work/nginx; scgi_temp_path $work/nginx;
  server { listen 127.0.0.1:$port; root $work; }
}
NGINX
    [ "$(id -u)" = 0 ] && sed -i '1i user root;' "$work/nginx/nginx.conf"
    bin=$(PATH=$PATH:/usr/sbin:/sbin command -v nginx) || die "nginx is missing"
    "$bin" -p "$work/nginx" -c "$work/nginx/nginx.conf" >"$work/output" 2>&1 || die "nginx: $(cat "$work/output")"
    url_nginx=http://127.0.0.1:$port
}

# generate DIR COUNT BYTES: a file:// cache of COUNT unsigned NARs of one file of BYTES each.
generate() {
    # shellcheck disable=SC1091
    sh -c '. benchmarks/java.sh; run_benchmarks_class dev.narsil.benchmarks.GeneratedCache "$@"' benchmarks/run "$@"
}

# --- the client ------------------------------------------------------------------------------------------------------------

mkdir -p "$work/etc" "$work/xdg"
export NIX_REMOTE='' NIX_CONF_DIR=$work/etc
export NIX_CONFIG=$'sandbox = false\nbuild-users-group =\nsubstitute = false\nexperimental-features = nix-command\nsubstituters ='
export XDG_CACHE_HOME=$work/xdg XDG_CONFIG_HOME=$work/xdg XDG_DATA_HOME=$work/xdg
unset NARSIL_DATA STATE_DIRECTORY

# A client that remembers nothing of what servers said before.
forget() { rm -rf "$XDG_CACHE_HOME/nix"; }

nar_hashes() { # STORE PATH...: "path narHash narSize", sorted
    local store=$1
    shift
    nix path-info --store "$store" --json "$@" | jq -r '.[] | "\(.path) \(.narHash) \(.narSize)"' | sort
}
