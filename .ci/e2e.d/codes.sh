section "exit codes"

codes() {
    exits 0 narsil --version
    exits 2 narsil import
    exits 2 narsil no-such-command
    exits 2 narsil stats --no-such-option
    exits 1 narsil path-info --data "$work/data-xz" /nix/store/00000000000000000000000000000000-nothing
    mkdir -p "$work/tools"
    local tool
    for tool in sh sed dirname readlink find head sleep mv rm cat mkdir tail touch stty; do
        ln -sf "$(command -v "$tool")" "$work/tools/$tool"
    done
    exits 69 env -i PATH="$work/tools" HOME="$work" NARSIL_JVM_FOLDERS="$work/none" ./narsil --version
}
check "0, 1, 2, 69" codes
if [ "$(id -u)" = 0 ] && mkdir -p "$work/full" && mount -t tmpfs -o size=64m narsil-e2e "$work/full" 2>/dev/null; then
    disk_full() {
        exits 75 narsil import "file://$work/cache-many" --no-check-sigs --data "$work/full/data"
        narsil stats --data "$work/full/data" --json | jq .paths
    }
    check "75 when the disk is full, and the store still opens" disk_full

    # Commands run inside the server, which goes on while the disk is full and after.
    disk_full_served() {
        exits 75 narsil import "file://$work/cache-many" --no-check-sigs --data "$work/full/data"
        exits 75 narsil import "file://$work/cache-many" --no-check-sigs --data "$work/full/data"
        curl -sf -o /dev/null "$url_full/nix-cache-info"
        mount -o remount,size=2g "$work/full"
        narsil import "file://$work/cache-many" --no-check-sigs --data "$work/full/data"
        same "$(find "$work/cache-many" -maxdepth 1 -name '*.narinfo' | wc -l)" \
            "$(narsil stats --data "$work/full/data" --json | jq .paths)"
        narsil gc --data "$work/full/data"
        narsil verify --data "$work/full/data"
        kill -0 "${pids[full]}"
    }
    start full "$work/full/data"
    check "a server that met a full disk takes an import in once there is room, and collects garbage" disk_full_served
    stop full
else
    note "not run: disk full (needs root and mount)"
fi

