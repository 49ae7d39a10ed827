/**
 * The embedded block store: RocksDB in one directory.
 *
 * <h2>Layout, version 1</h2>
 *
 * <pre>
 *   DIR/lock      held by the process that has the store open
 *   DIR/db/       RocksDB, one column family a table and "meta"
 * </pre>
 *
 * <p>{@code pack} keeps its values in blob files, without RocksDB compression and, beyond {@code SMALL_PACKS_BYTES} a
 * commit, without the write-ahead log: they are flushed and synced first, then everything that refers to them is written in
 * one synced batch. A crash in between leaves packs that nothing refers to. Few new bytes go through the log instead, so that
 * many small commits do not leave many small files.
 *
 * <p>{@code meta} has two keys. {@code next-pack} is a record of kind {@code C}, version 1: a varint above the numbers of all
 * packs committed; packs that a crash left behind may have this number or a higher one, and are overwritten. {@code format} is
 * a record of kind {@code M}, version 1:
 *
 * <pre>
 *   string  store directory
 *   string  name of the cut rule
 *   varint  min, average, max block length
 *   varint  shortest file whose contents are cut off from what surrounds them
 *   16      random id of the store
 * </pre>
 *
 * <p>A store made by another version, for another store directory or with other parameters is not opened.
 */
@NullMarked
package dev.narsil.blockstore.rocksdb;

import org.jspecify.annotations.NullMarked;
