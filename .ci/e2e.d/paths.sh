section "build"

# Before anything runs: a build replaces the libraries that a running server loads from.
benchmarks/run list >"$work/output" 2>&1 || die "building the benchmarks: $(cat "$work/output")"
version=$(./narsil --version 2>"$work/output") || die "building narsil: $(cat "$work/output")"
note "$version, $(nix --version)"

section "store paths, built by nix-build"

cat >"$work/builder.sh" <<'BUILDER'
set -e
export PATH=/usr/bin:/bin
case $kind in
    text)
        mkdir -p $out/share
        echo "some text that refers to nothing" >$out/share/text
        ;;
    tool)
        mkdir -p $out/bin $out/lib
        printf '#!%s\ncat %s/share/text\n' /bin/sh $text >$out/bin/tool
        chmod +x $out/bin/tool
        ln -s $out/bin/tool $out/bin/itself
        ln -s ../bin/tool $out/lib/relative
        ln -s $text/share/text $out/lib/absolute
        : >$out/lib/empty
        echo "self: $out" >$out/lib/self
        ;;
    tree)
        mkdir -p $out/many/deeper/still
        i=0
        while [ $i -lt 400 ]; do
            echo "file $i of $out, made with $tool and $text" >$out/many/file-$i
            i=$((i + 1))
        done
        mkdir -p "$out/names/with space" $out/names/empty-directory
        echo odd >"$out/names/with space/(odd) 'name' \$x"
        ;;
    big)
        mkdir -p $out
        i=0
        while [ $i -lt 40000 ]; do
            echo "$i line of a file of more than a mebibyte; $(((i * 7919) % 104729)) $(((i * 1299709) % 15485863))"
            i=$((i + 1))
        done >$out/big
        echo "$tool $tree" >>$out/big
        ;;
    file)
        echo "a store path that is one file, with $tree in it" >$out
        ;;
    link)
        ln -s $tree/many/file-1 $out
        ;;
esac
BUILDER
cat >"$work/paths.nix" <<NIX
let
  mk = kind: more: derivation ({ name = "narsil-e2e-\${kind}"; system = builtins.currentSystem; builder = "/bin/sh";
    args = [ "\${builder}" ]; inherit kind; } // more);
  builder = $work/builder.sh;
in rec {
  text = mk "text" { };
  tool = mk "tool" { inherit text; };
  tree = mk "tree" { inherit text tool; };
  big = mk "big" { inherit tool tree; };
  file = mk "file" { inherit tree; };
  link = mk "link" { inherit tree; };
}
NIX
nix-build --no-out-link "$work/paths.nix" >"$work/built" 2>"$work/build.log" || {
    tail -n 20 "$work/build.log"
    die "nix-build"
}
sort -o "$work/built" "$work/built"
mapfile -t paths <"$work/built"
tree=$(grep -e '-tree$' "$work/built")
text=$(grep -e '-text$' "$work/built")
tool=$(grep -e '-tool$' "$work/built")
big=$(grep -e '-big$' "$work/built")
nix-store --generate-binary-cache-key narsil-e2e-1 "$work/key.sec" "$work/key.pub"
key=$(cat "$work/key.pub")
nar_hashes local "${paths[@]}" >"$work/hashes"
note "${#paths[@]} paths, $(awk '{ n += $3 } END { print n }' "$work/hashes") bytes of NAR"
digest() { local base=${1##*/} && printf '%s' "${base:0:32}"; }

check "self references, references and a file above 1 MiB are among them" bash -euc '
    nix-store -q --references "$1" | grep -qx "$1"
    nix-store -q --references "$2" | grep -qx "$1"
    [ "$(stat -c %s "$2/big")" -gt 1048576 ]' - "$tool" "$big"

for compression in xz none zstd gzip bzip2; do
    forget
    nix copy --to "file://$work/cache-$compression?compression=$compression&secret-key=$work/key.sec&write-nar-listing=1" \
        "${paths[@]}" 2>"$work/output" || die "nix copy --to file://...?compression=$compression: $(cat "$work/output")"
done

# Compares every NAR of a data directory with the original.
sound_nars() {
    local data=$1 path hash size
    while read -r path hash size; do
        same "$hash" "$(nix hash to-sri --type sha256 "$(./narsil cat-nar --data "$data" "$path" | sha256sum | cut -d' ' -f1)")"
        same "$size" "$(./narsil path-info --data "$data" --json "$path" | jq -r .narSize)"
    done <"$work/hashes"
}

# Copies everything from URL $1 into an empty store $2, with signatures checked, and compares all of it with the originals.
copy_down() {
    local root=$work/$2 path
    chmod -R u+w "$root" 2>/dev/null || true
    rm -rf "$root"
    nix copy --from "$1" --to "local?root=$root" --option trusted-public-keys "$key" "${paths[@]}"
    same "$(cat "$work/hashes")" "$(nar_hashes "local?root=$root" "${paths[@]}")"
    for path in "${paths[@]}"; do
        diff -r --no-dereference "$path" "$root$path"
    done
    chmod -R u+w "$root"
    rm -rf "$root"
}
