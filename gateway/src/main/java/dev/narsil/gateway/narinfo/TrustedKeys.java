package dev.narsil.gateway.narinfo;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.StoreDir;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The public keys whose signatures count.
 *
 * <p>A path needs a signature even if it claims a content address ({@code CA}): the claim is kept, but not verified,
 * so it does
 * not stand for a signature as it does for Nix.
 */
public final class TrustedKeys {

    /**
     * Most signatures of one path that are verified, so that a hostile narinfo cannot keep a core busy.
     */
    static final int MAX_VERIFIED = 32;

    private static final int MAX_NAMES_TOLD = 5;
    private static final int MAX_NAME_TOLD = 60;

    private final Map<String, List<PublicKey>> keys;

    /** Several keys may have the same name; each is tried. */
    public TrustedKeys(Collection<PublicKey> keys) {
        this.keys = keys.stream().collect(Collectors.groupingBy(PublicKey::name));
    }

    /**
     * What became of the signatures of a path.
     *
     * @param signedBy the name of a trusted key with a good signature; null if there is none
     * @param reason why there is none, a clause; empty if there is one
     */
    public record Verdict(@Nullable String signedBy, String reason) {

        /** Tells whether a trusted key signed the path. */
        public boolean trusted() {
            return signedBy != null;
        }
    }

    /** Looks for a good signature over the path as the narinfo has it, with its references as given and then sorted. */
    public Verdict verify(PathInfo info, StoreDir storeDir) {
        if (info.signatures().isEmpty()) {
            return new Verdict(null, "it has no signature");
        }
        byte[] asGiven = Fingerprint.asGiven(info, storeDir);
        byte[] sorted = Fingerprint.sorted(info, storeDir);
        TreeSet<String> bad = new TreeSet<>();
        TreeSet<String> unknown = new TreeSet<>();
        int verified = 0;
        for (String text : info.signatures()) {
            String name = text.substring(0, Math.max(0, text.indexOf(':')));
            List<PublicKey> candidates = keys.get(name);
            if (candidates == null) {
                unknown.add(name);
                continue;
            }
            bad.add(name);
            Signature signature = parseOrNull(text);
            if (signature == null || verified++ >= MAX_VERIFIED) {
                continue;
            }
            for (PublicKey key : candidates) {
                if (key.verifies(asGiven, signature) || key.verifies(sorted, signature)) {
                    return new Verdict(name, "");
                }
            }
        }
        return new Verdict(
                null,
                bad.isEmpty()
                        ? "it is signed by keys that are not trusted only: " + told(unknown)
                        : "its signature by the trusted key " + told(bad) + " is wrong");
    }

    /** Returns the keys, each as {@code <name>:<base64>}. */
    @Override
    public String toString() {
        return keys.values().stream()
                .flatMap(List::stream)
                .map(PublicKey::toString)
                .sorted()
                .toList()
                .toString();
    }

    private static @Nullable Signature parseOrNull(String text) {
        try {
            return Signature.parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String told(SortedSet<String> names) {
        String told = names.stream()
                .limit(MAX_NAMES_TOLD)
                .map(name ->
                        "'" + (name.length() <= MAX_NAME_TOLD ? name : name.substring(0, MAX_NAME_TOLD) + "...") + "'")
                .collect(Collectors.joining(", "));
        return names.size() <= MAX_NAMES_TOLD ? told : told + " and " + (names.size() - MAX_NAMES_TOLD) + " more";
    }
}
