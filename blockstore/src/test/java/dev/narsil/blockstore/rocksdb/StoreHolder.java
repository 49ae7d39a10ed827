package dev.narsil.blockstore.rocksdb;

import dev.narsil.blockstore.testing.TestStore;
import java.nio.file.Path;

/** Has a store open until its standard input ends. */
final class StoreHolder {

    static final String OPEN = "open";

    private StoreHolder() {}

    /** Argument: directory. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        try (RocksBlockStore store = RocksBlockStore.open(Path.of(arguments[0]), TestStore.OPTIONS)) {
            System.out.println(OPEN);
            System.out.flush();
            while (System.in.read() >= 0) {
                store.nextPack();
            }
        }
    }
}
