package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launcher with JDKs and a Maven that are shell scripts. */
@Timeout(60)
class LauncherTest {

    private static final Path LAUNCHER =
            Path.of("..", "narsil").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private final Map<String, String> variables = new HashMap<>();

    private record Result(int code, String out, String err) {}

    @BeforeEach
    void cleanEnvironment() {
        variables.put("PATH", "/usr/bin:/bin");
        variables.put("HOME", folder.resolve("home").toString());
        variables.put("NARSIL_JVM_FOLDERS", folder.resolve("jvm").toString());
    }

    @Test
    void start_noJdk_exitsWith69AndNamesTheVariable() throws Exception {
        Result result = run(install());
        assertThat(result.code()).isEqualTo(69);
        assertThat(result.err())
                .isEqualTo(
                        "narsil: no JDK 25 or newer was found: install one, or set NARSIL_JAVA_HOME to its folder\n");
    }

    @Test
    void start_oldJdks_areSkipped() throws Exception {
        jdk("jvm/a", "1.8.0_392");
        jdk("jvm/b", "17.0.15");
        jdk("jvm/c", "9-ea");
        Files.createDirectories(folder.resolve("jvm/d/bin"));
        Path good = jdk("jvm/e", "25.0.3");
        assertThat(run(install()).out()).contains("java=" + good);
    }

    @Test
    void start_variables_goBeforeFoldersInOrder() throws Exception {
        jdk("jvm/a", "25");
        Path own = jdk("own", "26-ea");
        Path general = jdk("general", "25.0.1");
        variables.put("JAVA_HOME", general.toString());
        assertThat(run(install()).out()).contains("java=" + general);
        variables.put("NARSIL_JAVA_HOME", own.toString());
        assertThat(run(install()).out()).contains("java=" + own);
    }

    @Test
    void start_namedJdkTooOld_saysSoAndLooksFurther() throws Exception {
        Path good = jdk("home/.jdks/temurin", "25.0.3");
        Path old = jdk("old", "21.0.2");
        variables.put("NARSIL_JAVA_HOME", old.toString());
        Result result = run(install());
        assertThat(result.err())
                .isEqualTo("narsil: NARSIL_JAVA_HOME=" + old + " is not a JDK 25 or newer; looking further\n");
        assertThat(result.out()).contains("java=" + good);
    }

    @Test
    void start_javaOnPath_isFoundThroughItsLink() throws Exception {
        Path good = jdk("store/jdk", "25.0.3");
        Path bin = Files.createDirectories(folder.resolve("bin on path"));
        Files.createSymbolicLink(bin.resolve("java"), good.resolve("bin/java"));
        variables.put("PATH", bin + ":/usr/bin:/bin");
        assertThat(run(install()).out()).contains("java=" + good);
    }

    @Test
    void start_throughSymbolicLinks_findsItsOwnFolder() throws Exception {
        jdk("jvm/a", "25");
        Path launcher = install();
        Path absolute = Files.createSymbolicLink(folder.resolve("absolute"), launcher);
        Path relative = Files.createSymbolicLink(folder.resolve("relative"), Path.of("absolute"));
        assertThat(absolute).isSymbolicLink();
        assertThat(run(relative).out())
                .contains("-cp\n" + folder.resolve("installed/lib").toRealPath() + "/*");
    }

    @Test
    void start_arguments_arriveAsTheyWere() throws Exception {
        jdk("jvm/a", "25");
        variables.put("NARSIL_JAVA_OPTS", "-Da=1 -Db=2");
        Result result = run(install(), "path-info", "", "two words", "*", "$HOME");
        assertThat(result.out()).contains("-Da=1\n-Db=2\n-cp\n");
        assertThat(result.out()).endsWith("dev.narsil.gateway.cli.Main\npath-info\n\ntwo words\n*\n$HOME\n");
        assertThat(result.code()).isEqualTo(7);
    }

    @Test
    void start_installationWithoutLibraries_saysSo() throws Exception {
        jdk("jvm/a", "25");
        Path launcher = install();
        Files.delete(folder.resolve("installed/lib"));
        Result result = run(launcher);
        assertThat(result.code()).isEqualTo(69);
        assertThat(result.err()).contains("is not a whole narsil distribution");
    }

    @Test
    void start_sourcesWithoutMaven_exitsWith69() throws Exception {
        jdk("jvm/a", "25");
        variables.put("NARSIL_MAVEN", folder.resolve("none/mvn").toString());
        Result result = run(sources());
        assertThat(result.code()).isEqualTo(69);
        assertThat(result.err()).contains("is needed to build narsil and was not found");
    }

    @Test
    void start_sources_areBuiltOnceAndAgainWhenTheyChange() throws Exception {
        jdk("jvm/a", "25");
        Path launcher = sources();
        maven("");
        Result first = run(launcher, "stats");
        assertThat(first.err()).startsWith("building narsil (first use").contains("  chunker\n  gateway\n");
        assertThat(first.out()).contains("/gateway/target/narsil-1.2/lib/*").endsWith("stats\n");
        assertThat(run(launcher).err()).isEmpty();
        assertThat(builds()).isEqualTo(1);

        Path stamp = launcher.resolveSibling("gateway/target/narsil-1.2/.built");
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().minusSeconds(3600)));
        assertThat(run(launcher).err()).startsWith("building narsil (sources changed)");
        assertThat(run(launcher).err()).isEmpty();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void start_buildFails_showsTheErrorsAndWhereTheLogIs() throws Exception {
        jdk("jvm/a", "25");
        Path launcher = sources();
        maven("echo '[ERROR] Foo.java:[3,4] no such thing'; exit 1\n");
        Result result = run(launcher);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains("[ERROR] Foo.java:[3,4] no such thing")
                .contains("the build failed; all of it is in " + launcher.resolveSibling("gateway/target/build.log"));
        assertThat(launcher.resolveSibling("gateway/target/.build-lock")).doesNotExist();
    }

    @Test
    void start_severalAtOnce_buildOnce() throws Exception {
        jdk("jvm/a", "25");
        Path launcher = sources();
        maven("sleep 1\n");
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(start(launcher, i));
        }
        for (Process process : processes) {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(7);
        }
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void start_lockOfADeadProcess_isTakenOver() throws Exception {
        jdk("jvm/a", "25");
        Path launcher = sources();
        maven("");
        Path target = Files.createDirectories(launcher.resolveSibling("gateway/target"));
        Process dead = new ProcessBuilder("true").start();
        assertThat(dead.waitFor(30, TimeUnit.SECONDS)).isTrue();
        Files.createSymbolicLink(target.resolve(".build-lock"), Path.of("pid-" + dead.pid()));
        assertThat(run(launcher).code()).isEqualTo(7);
        assertThat(Files.isSymbolicLink(target.resolve(".build-lock"))).isFalse();
        assertThat(builds()).isEqualTo(1);
    }

    /** Makes a JDK whose java prints its folder and its arguments, one a line, and exits with 7. */
    private Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"Test\"\nJAVA_RUNTIME_VERSION=\"99\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/java"), "echo java=" + home + "\nprintf '%s\\n' \"$@\"\nexit 7\n");
        return home;
    }

    /** Makes an installed distribution and returns its launcher. */
    private Path install() throws IOException {
        Path launcher = folder.resolve("installed/bin/narsil");
        if (!Files.exists(launcher)) {
            Files.createDirectories(folder.resolve("installed/bin"));
            Files.createDirectories(folder.resolve("installed/lib"));
            Files.copy(LAUNCHER, launcher);
        }
        return launcher;
    }

    /** Makes a source tree and returns its launcher. */
    private Path sources() throws IOException {
        Path tree = folder.resolve("tree");
        Files.createDirectories(tree.resolve("gateway/src/main/java"));
        Files.writeString(tree.resolve("gateway/src/main/java/Main.java"), "class Main {}");
        Files.writeString(tree.resolve("gateway/pom.xml"), "<project/>");
        Files.writeString(
                tree.resolve("pom.xml"), "<?xml version=\"1.0\"?>\n<project>\n  <version>1.2</version>\n</project>\n");
        return Files.copy(LAUNCHER, tree.resolve("narsil"));
    }

    /** Makes a Maven that runs {@code body}, then makes the distribution. */
    private void maven(String body) throws IOException {
        Path maven = folder.resolve("mvn");
        script(
                maven,
                "echo built >>" + folder.resolve("builds") + "\n"
                        + "echo '[INFO] Building Narsil 1.2 [1/3]'\necho '[INFO] Building Narsil chunker 1.2 [2/3]'\n"
                        + "echo '[INFO] Building Narsil gateway 1.2 [3/3]'\n" + body
                        + "mkdir -p gateway/target/narsil-1.2/lib\n: >gateway/target/narsil-1.2/.built\n");
        variables.put("NARSIL_MAVEN", maven.toString());
    }

    private long builds() throws IOException {
        try (var lines = Files.lines(folder.resolve("builds"))) {
            return lines.count();
        }
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Result run(Path launcher, String... arguments) throws IOException, InterruptedException {
        Process process = start(launcher, 0, arguments);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(
                process.exitValue(),
                Files.readString(folder.resolve("out0")),
                Files.readString(folder.resolve("err0")));
    }

    private Process start(Path launcher, int number, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out" + number).toFile())
                .redirectError(folder.resolve("err" + number).toFile());
        builder.environment().clear();
        builder.environment().putAll(variables);
        return builder.start();
    }
}
