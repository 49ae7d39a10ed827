package dev.narsil.gateway.upload;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The small files of a store: build logs, realisations, links to debug information, listings. Calls native code. */
public final class Objects {

    private final NarStore store;

    /** The small files that {@code store} keeps. */
    public Objects(NarStore store) {
        this.store = store;
    }

    /** Returns the file of this name. */
    public Optional<StoredObject> find(ObjectName name) throws IOException {
        byte[] record = store.record(Table.OBJECT, name.key());
        return record == null ? Optional.empty() : Optional.of(StoredObject.decode(record));
    }

    /** Stores a file in place of one that is there, and returns when it is durable. */
    void put(ObjectName name, StoredObject object) throws IOException {
        Durable.await(store, store.write(List.of(new Entry(Table.OBJECT, name.key(), object.encode()))));
    }
}
