package dev.narsil.blockstore.rocksdb;

import dev.narsil.blockstore.StoreException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What an error of RocksDB means for a store. */
final class RocksFailure {

    private RocksFailure() {}

    static StoreException.Kind kind(RocksDBException e) {
        Status status = e.getStatus();
        String message = String.valueOf(e.getMessage());
        if (message.contains("Column families not opened")) {
            return StoreException.Kind.INCOMPATIBLE;
        }
        if (message.contains("No space left on device")) {
            return StoreException.Kind.FULL;
        }
        if (status == null) {
            return StoreException.Kind.FAILED;
        }
        if (status.getSubCode() == Status.SubCode.NoSpace) {
            return StoreException.Kind.FULL;
        }
        return status.getCode() == Status.Code.Corruption ? StoreException.Kind.CORRUPT : StoreException.Kind.FAILED;
    }
}
