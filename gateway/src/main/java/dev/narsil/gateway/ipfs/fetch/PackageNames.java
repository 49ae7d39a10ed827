package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some paths of a store by the name of their package: the last that came of each, and of the packages that came or were
 * asked for last. Safe for use by many threads.
 */
final class PackageNames {

    /** Most packages, and paths of each: some 10 MB. */
    static final int MAX_PACKAGES = 32_768;

    static final int MAX_PATHS = 3;

    private final Map<String, List<Digest>> packages = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<Digest>> eldest) {
            return size() > MAX_PACKAGES;
        }
    };

    /**
     * Returns what rebuilds and neighbouring versions have in common: the name of the package, which ends before the
     * first dash that no letter follows, as Nix has it, and that of the output.
     */
    static String of(String name) {
        for (int i = 0; i + 1 < name.length(); i++) {
            if (name.charAt(i) == '-' && !Character.isLetter(name.charAt(i + 1))) {
                return name.substring(0, i) + output(name, i + 1);
            }
        }
        return name;
    }

    /** Returns what follows the version, such as {@code -dev}. */
    private static String output(String name, int version) {
        int dash = name.lastIndexOf('-');
        boolean isOutput = dash > version && name.substring(dash + 1).chars().allMatch(Character::isLetter);
        return isOutput ? name.substring(dash) : "";
    }

    /** Notes a path. */
    synchronized void add(StorePath path) {
        List<Digest> known = new ArrayList<>(packages.getOrDefault(of(path.name()), List.of()));
        known.remove(path.digest());
        known.addFirst(path.digest());
        packages.put(of(path.name()), known.size() > MAX_PATHS ? List.copyOf(known.subList(0, MAX_PATHS)) : known);
    }

    /** Returns other paths of the same package, the last that came first. */
    synchronized List<Digest> like(StorePath path) {
        return packages.getOrDefault(of(path.name()), List.of()).stream()
                .filter(digest -> !digest.equals(path.digest()))
                .toList();
    }
}
