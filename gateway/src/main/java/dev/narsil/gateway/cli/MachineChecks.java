package dev.narsil.gateway.cli;

import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.RocksDB;

/** Checks of the JVM and of the native libraries. */
final class MachineChecks {

    private static final int JAVA_FLOOR = 25;
    private static final String LIBRARY_ADVICE =
            "it is unpacked to the temporary folder, which must be writable and not mounted noexec, and needs libstdc++; "
                    + "ROCKSDB_SHAREDLIB_DIR names another folder, NARSIL_JAVA_OPTS=-Djava.io.tmpdir=DIR moves all";

    private MachineChecks() {}

    static List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(library("RocksDB", RocksDB::loadLibrary));
        findings.add(library("zstd", MachineChecks::compress));
        return findings;
    }

    private static Finding java() {
        String found = System.getProperty("java.vm.name") + " " + Runtime.version() + " in "
                + System.getProperty("java.home") + ", heap of at most "
                + Units.bytes(Runtime.getRuntime().maxMemory());
        return Runtime.version().feature() >= JAVA_FLOOR
                ? Finding.ok("JDK", found)
                : Finding.fail("JDK", found, "set NARSIL_JAVA_HOME to a JDK " + JAVA_FLOOR + " or newer");
    }

    private static Finding library(String name, Runnable use) {
        try {
            use.run();
            return Finding.ok(name, "its native library loads");
        } catch (LinkageError | RuntimeException e) {
            return Finding.fail(name, "its native library does not load: " + e.getMessage(), LIBRARY_ADVICE);
        }
    }

    private static void compress() {
        byte[] text = "zstd".repeat(100).getBytes(StandardCharsets.US_ASCII);
        if (!Arrays.equals(text, Zstd.decompress(Zstd.compress(text), text.length))) {
            throw new IllegalStateException("what was compressed does not come back");
        }
    }
}
