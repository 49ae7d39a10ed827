# Sourced by the scripts beside it: builds the benchmarks if needed and runs a class of them on the JDK the launcher would take.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

# The launcher's functions, so that there is one way only to find a JDK.
JAVA_FLOOR=25
EX_UNAVAILABLE=69
eval "$(sed -n '/^[a-z_]*() {$/,/^}$/p' "$root/narsil")"
find_java

build_benchmarks() {
    built=$root/benchmarks/target/.built
    [ -e "$built" ] && [ -z "$(cd "$root" && find pom.xml ./*/pom.xml ./*/src/main -newer "$built" | head -n 1)" ] && return
    printf 'building the benchmarks ...\n' >&2
    mkdir -p "$root/benchmarks/target"
    log=$root/benchmarks/target/build.log
    touch "$root/benchmarks/target/.build-start"
    (cd "$root" && JAVA25_HOME=$java_home "${NARSIL_MAVEN:-mvn}" -B -Dstyle.color=never -DskipTests -Djacoco.skip \
        -pl benchmarks -am package) >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        fail "the benchmarks were not built; the log is $log"
    }
    touch -r "$root/benchmarks/target/.build-start" "$built"
}

# Runs class $1 with the other arguments.
run_benchmarks_class() {
    build_benchmarks
    export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
    class=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    exec "$java_home/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -Xmx1g -XX:MaxDirectMemorySize=256m -XX:+UseCompactObjectHeaders ${NARSIL_JAVA_OPTS:-} \
        -cp "$root/benchmarks/target/lib/*:$root/benchmarks/target/classes" "$class" "$@"
}
