package dev.narsil.benchmarks;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.Fingerprint;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * The signed narinfos of a closure: the paths lie in layers, each refers to one of the next layer and to some of any
 * deeper one, and few are referred to by many, as a C library is.
 *
 * @param root the path all others are reached from
 * @param narInfos the text of each by its digest
 * @param levels how many paths are so many references away from the root, at the least
 */
record GeneratedClosure(Digest root, Map<String, byte[]> narInfos, List<Integer> levels) {

    /** A key for tests, known to everybody. */
    private static final SecretKey KEY = SecretKey.parse(
            "test-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==");

    /** References of a path into deeper layers beside the one into the next. */
    private static final int MORE_REFERENCES = 6;

    private static final int NAR_SIZE = 4096;

    static PublicKey key() {
        return KEY.publicKey();
    }

    /**
     * Makes a closure.
     *
     * @param depth references from the root to the deepest path, on the longest way
     * @param rootReferences what the root refers to beside one of the first layer; an environment refers to much
     * @param skips whether paths refer to deeper layers than the next
     */
    static GeneratedClosure of(long seed, int paths, int depth, int rootReferences, boolean skips) {
        SplittableRandom random = new SplittableRandom(seed);
        List<List<Integer>> layers = new ArrayList<>();
        layers.add(List.of(0));
        int made = 1;
        for (int layer = 1; layer <= depth; layer++) {
            int last = made + (paths - made) / (depth - layer + 1);
            List<Integer> members = new ArrayList<>();
            for (; made < last; made++) {
                members.add(made);
            }
            layers.add(members);
        }
        Map<Integer, TreeSet<Integer>> references = new HashMap<>();
        for (int layer = depth; layer > 0; layer--) {
            for (int member : layers.get(layer)) {
                // someone in the layer above needs it
                List<Integer> above = layers.get(layer - 1);
                references
                        .computeIfAbsent(above.get(random.nextInt(above.size())), key -> new TreeSet<>())
                        .add(member);
            }
        }
        for (int layer = 0; layer < depth; layer++) {
            int firstDeeper = layers.get(layer + 1).getFirst();
            int bound = skips ? paths : layers.get(layer + 1).getLast() + 1;
            for (int member : layers.get(layer)) {
                TreeSet<Integer> of = references.computeIfAbsent(member, key -> new TreeSet<>());
                of.add(firstDeeper + random.nextInt(layers.get(layer + 1).size()));
                int more = member == 0 ? rootReferences : random.nextInt(MORE_REFERENCES * 2);
                for (int i = 0; i < more; i++) {
                    of.add(firstDeeper + random.nextInt(bound - firstDeeper));
                }
            }
        }
        return signed(paths, references);
    }

    private static GeneratedClosure signed(int paths, Map<Integer, TreeSet<Integer>> references) {
        Map<String, byte[]> narInfos = new HashMap<>();
        for (int i = 0; i < paths; i++) {
            List<StorePath> of = references.getOrDefault(i, new TreeSet<>()).stream()
                    .map(GeneratedClosure::path)
                    .toList();
            PathInfo unsigned = info(i, of, List.of());
            String signature =
                    KEY.sign(Fingerprint.sorted(unsigned, StoreDir.DEFAULT)).toString();
            narInfos.put(
                    path(i).digest().toString(),
                    NarInfo.of(info(i, of, List.of(signature))).printBytes(StoreDir.DEFAULT));
        }
        return new GeneratedClosure(path(0).digest(), narInfos, levels(references));
    }

    private static List<Integer> levels(Map<Integer, TreeSet<Integer>> references) {
        Map<Integer, Integer> distance = new HashMap<>(Map.of(0, 0));
        Queue<Integer> waiting = new ArrayDeque<>(List.of(0));
        List<Integer> levels = new ArrayList<>();
        while (!waiting.isEmpty()) {
            int path = waiting.remove();
            int level = distance.get(path);
            if (level == levels.size()) {
                levels.add(0);
            }
            levels.set(level, levels.get(level) + 1);
            for (int reference : (Collection<Integer>) references.getOrDefault(path, new TreeSet<>())) {
                if (distance.putIfAbsent(reference, level + 1) == null) {
                    waiting.add(reference);
                }
            }
        }
        return levels;
    }

    private static StorePath path(int number) {
        Sha256 hash = Sha256.hash(("path " + number).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return new StorePath(Digest.of(hash.bytes(), 0), "package-" + number);
    }

    private static PathInfo info(int number, List<StorePath> references, List<String> signatures) {
        Sha256 narHash = Sha256.hash(("NAR " + number).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return new PathInfo(path(number), narHash, null, NAR_SIZE, references, null, null, signatures, null, List.of());
    }
}
