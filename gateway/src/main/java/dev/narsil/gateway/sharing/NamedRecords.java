package dev.narsil.gateway.sharing;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of a store that users give names to, held in memory. There is one of these for an open store. Safe for use by
 * many threads; reading never blocks, and what is changed is durable when the call returns.
 *
 * @param <T> a record; immutable
 */
public final class NamedRecords<T> {

    /** Most records of one kind. */
    public static final int MAX_RECORDS = 1000;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Logger LOG = LoggerFactory.getLogger(NamedRecords.class);

    /**
     * How records are stored: under the kind and the name, in ASCII.
     *
     * @param <T> a record
     */
    public interface Form<T> {

        Table table();

        /** The first byte of their keys and of their values. */
        char kind();

        /** What one is called in messages, such as {@code subscription}. */
        String noun();

        /** Returns the name of a record. */
        String name(T value);

        byte[] encode(T value);

        /** Reads a record; throws FormatException if the bytes are none. */
        T decode(byte[] bytes) throws FormatException;
    }

    private final NarStore store;
    private final Form<T> form;
    private volatile SortedMap<String, T> byName = new TreeMap<>();

    private NamedRecords(NarStore store, Form<T> form) {
        this.store = store;
        this.form = form;
    }

    /** Reads the records of a store. One that is damaged is left out, with a line in the log. */
    public static <T> NamedRecords<T> load(NarStore store, Form<T> form) throws IOException {
        NamedRecords<T> records = new NamedRecords<>(store, form);
        SortedMap<String, T> read = new TreeMap<>();
        store.forEachRecord(form.table(), (key, value) -> {
            if (key.length > 0 && key[0] == form.kind()) {
                try {
                    T record = form.decode(value);
                    read.put(form.name(record), record);
                } catch (FormatException e) {
                    LOG.error("a {} is left out: {}", form.noun(), e.getMessage());
                }
            }
        });
        records.byName = read;
        return records;
    }

    /**
     * Checks a name.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static void checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a name is 1 to 64 characters of A-Z a-z 0-9 . _ -");
        }
    }

    /** Returns the records by name. */
    public List<T> list() {
        return List.copyOf(byName.values());
    }

    /** Returns the record of a name. */
    public Optional<T> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /**
     * Adds a record.
     *
     * @param replace whether one of the same name makes way for it
     * @throws IllegalArgumentException if there is one of the same name that does not, or there are too many
     */
    public synchronized void add(T value, boolean replace) throws IOException {
        String name = form.name(value);
        checkName(name);
        boolean known = byName.containsKey(name);
        if (known && !replace) {
            throw new IllegalArgumentException(
                    "there is a " + form.noun() + " '" + name + "' already; remove it first, or add with --replace");
        }
        if (!known && byName.size() >= MAX_RECORDS) {
            throw new IllegalArgumentException("there are " + MAX_RECORDS + " of them already");
        }
        put(name, value);
    }

    /**
     * Changes a record unless it was removed.
     *
     * @param change given what is stored, returns what goes in its place; the same for no change
     * @return what is stored then; empty if there is none of this name
     */
    public synchronized Optional<T> update(String name, UnaryOperator<T> change) throws IOException {
        T known = byName.get(name);
        if (known == null) {
            return Optional.empty();
        }
        T changed = change.apply(known);
        if (!changed.equals(known)) {
            put(name, changed);
        }
        return Optional.of(changed);
    }

    /** Removes a record; empty if there is none of this name. */
    public synchronized Optional<T> remove(String name) throws IOException {
        T known = byName.get(name);
        if (known != null) {
            put(name, null);
        }
        return Optional.ofNullable(known);
    }

    private void put(String name, @Nullable T value) throws IOException {
        byte[] key = (form.kind() + name).getBytes(StandardCharsets.US_ASCII);
        write(store, List.of(new Entry(form.table(), key, value == null ? null : form.encode(value))));
        SortedMap<String, T> changed = new TreeMap<>(byName);
        if (value == null) {
            changed.remove(name);
        } else {
            changed.put(name, value);
        }
        byName = changed;
    }

    /** Writes entries of a store; returns when they are durable. */
    public static void write(NarStore store, List<Entry> entries) throws IOException {
        try {
            var written = store.write(entries);
            store.expedite();
            written.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
