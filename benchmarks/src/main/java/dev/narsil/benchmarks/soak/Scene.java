package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.soak.Specimen.Origin;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.rewrite.path.StoreDir;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all workers of a soak share: the server, what it must know by now, and what it must answer.
 *
 * @param server where the server listens
 * @param upstreamKey that signs what upstreams have
 * @param clientKey that signs what clients upload
 * @param serverKeyName name of the key with which the server signs what is uploaded
 * @param writeToken lets read and write
 * @param readToken lets read
 * @param faults what the bad upstream did
 * @param overload whether the good upstream is late
 * @param paths what is stored
 * @param files what was uploaded
 */
record Scene(
        InetSocketAddress server,
        Specimens specimens,
        SecretKey upstreamKey,
        SecretKey clientKey,
        String serverKeyName,
        String writeToken,
        String readToken,
        SeenFaults faults,
        Overload overload,
        Pool<StoredPath> paths,
        Pool<UploadedFile> files,
        Map<Origin, AtomicLong> next) {

    static final int MOST_KNOWN = 4096;

    static Map<Origin, AtomicLong> counters() {
        Map<Origin, AtomicLong> counters = new EnumMap<>(Origin.class);
        for (Origin origin : Origin.values()) {
            counters.put(origin, new AtomicLong(1));
        }
        return counters;
    }

    /** Makes a specimen that no request has been made for. */
    Specimen unseen(Origin origin) {
        return specimens.of(origin.number(next.get(origin).getAndIncrement()));
    }

    List<String> writing(SplittableRandom random) {
        return List.of(authorization(writeToken, random));
    }

    /** Presents a token in one of the ways there are. */
    static String authorization(String token, SplittableRandom random) {
        if (random.nextBoolean()) {
            return "Authorization: Bearer " + token;
        }
        byte[] pair = ("soak:" + token).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        return "Authorization: Basic " + java.util.Base64.getEncoder().encodeToString(pair);
    }

    /** Requires a complete answer with one of these statuses. */
    static void requireStatus(String what, Answer answer, Integer... allowed) throws UnexpectedException {
        if (!answer.isComplete() || !Set.of(allowed).contains(answer.status())) {
            throw new UnexpectedException(what + ": " + answer + "; expected " + Arrays.toString(allowed));
        }
    }

    /** Requires these bytes, or as many of them as came of an answer that is not complete. */
    static void requireBytes(String what, byte[] expected, int off, int len, Answer answer) throws UnexpectedException {
        byte[] body = answer.body();
        if (answer.isComplete() && body.length != len) {
            throw new UnexpectedException(what + ": a body of " + body.length + " bytes instead of " + len);
        }
        int differs = Arrays.mismatch(expected, off, off + Math.min(len, body.length), body, 0, body.length);
        if (differs >= 0) {
            throw new UnexpectedException(what + ": wrong from byte " + differs + " on, of " + body.length);
        }
    }

    /** Requires the narinfo of a specimen, with at least these signatures. */
    NarInfo requireNarInfo(Specimen specimen, Answer answer, Set<String> signatures) throws UnexpectedException {
        String what = specimen.narInfoUrl();
        requireStatus(what, answer, 200);
        try {
            NarInfo narInfo = NarInfo.parse(StoreDir.DEFAULT, answer.body());
            boolean same = narInfo.storePath().equals(specimen.path())
                    && narInfo.pathInfo().narHash().equals(specimen.narHash())
                    && narInfo.pathInfo().narSize() == specimen.nar().length
                    && narInfo.pathInfo().references().equals(specimen.references())
                    && narInfo.compression().equals("none")
                    && specimen.url().equals("/" + narInfo.url());
            if (!same) {
                throw new UnexpectedException(what + ": not what was expected of " + specimen.path() + ":\n"
                        + narInfo.print(StoreDir.DEFAULT));
            }
            if (!narInfo.pathInfo().signatures().containsAll(signatures)) {
                throw new UnexpectedException(what + ": of the signatures " + signatures + " it has only "
                        + narInfo.pathInfo().signatures());
            }
            return narInfo;
        } catch (NarInfoException e) {
            throw new UnexpectedException(what + ": not a narinfo: " + e.getMessage());
        }
    }
}
