package dev.narsil.gateway.donate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.donate.DonationState.Kept;
import dev.narsil.gateway.donate.DonationState.Result;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.OtherPins;
import dev.narsil.gateway.ipfs.PublishedPath;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.FakeCall;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.sharing.PathSupply;
import dev.narsil.gateway.sharing.SharingFixture;
import dev.narsil.gateway.sharing.StopSignal;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DonationCheckTest {

    private static final TrustedKeys PUBLIC = new TrustedKeys(List.of(SignedPath.KEY.publicKey()));
    private static final TrustedKeys OTHERS = new TrustedKeys(List.of(PublicKey.CACHE_NIXOS_ORG));
    private static final long MUCH = 1L << 40;

    @TempDir
    private Path directory;

    private SharingFixture fixture;
    private FakeKubo fake;
    private KuboClient kubo;
    private Donations donations;
    private PathSupply supply = PathSupply.NONE;

    @BeforeEach
    void start() throws IOException {
        fixture = new SharingFixture(directory);
        fake = new FakeKubo();
        kubo = fake.client();
        donations = Donations.load(fixture.store);
    }

    @AfterEach
    void stop() throws IOException {
        kubo.close();
        fake.close();
        fixture.close();
    }

    private void donate(String name, boolean skipPrivate, long maxBytes, StorePath... roots) throws IOException {
        donations.add(new DonationTerms(name, Arrays.asList(roots), maxBytes, skipPrivate, 0, 0), fixture.now(), true);
        fixture.pass(Duration.ofSeconds(1));
    }

    private void donate(String name, SignedPath... roots) throws IOException {
        donate(
                name,
                false,
                MUCH,
                Arrays.stream(roots).map(SignedPath::storePath).toArray(StorePath[]::new));
    }

    private void check() throws IOException, InterruptedException {
        check(new DonationPolicy(PUBLIC, MUCH));
    }

    private void check(DonationPolicy policy) throws IOException, InterruptedException {
        new DonationCheck(donations, fixture.store, supply, kubo, policy, fixture.clock(), new StopSignal()).run();
    }

    private DonationState state(String name) {
        return donations.find(name).orElseThrow().state();
    }

    private Set<String> manifests(SignedPath... paths) throws IOException {
        Set<String> manifests = new HashSet<>();
        for (SignedPath path : paths) {
            manifests.add(new PublishedPaths(fixture.store)
                    .find(path.digest())
                    .orElseThrow()
                    .manifest()
                    .toString());
        }
        return manifests;
    }

    private static long size(SignedPath... paths) {
        return Arrays.stream(paths)
                .mapToLong(path -> path.narInfo().pathInfo().narSize())
                .sum();
    }

    private long calls(String command) {
        return fake.calls().stream()
                .map(FakeCall::command)
                .filter(command::equals)
                .count();
    }

    @Test
    void run_closure_isPublishedOnceAndKept() throws Exception {
        SignedPath a = fixture.stored(1);
        SignedPath b = fixture.stored(2, a.storePath());
        SignedPath other = fixture.stored(3);
        donate("b", b);
        check();

        assertThat(state("b"))
                .isEqualTo(new DonationState(Result.KEPT, fixture.now(), new Kept(2, 0, size(a, b), 2), ""));
        assertThat(fake.pins()).isEqualTo(manifests(a, b));
        PublishedPath published =
                new PublishedPaths(fixture.store).find(b.digest()).orElseThrow();
        assertThat(fake.cat(published.nar())).isEqualTo(SharingFixture.nar(2, a.storePath()));
        assertThat(new PublishedPaths(fixture.store).find(other.digest())).isEmpty();

        check();
        assertThat(state("b").kept()).isEqualTo(new Kept(2, 0, size(a, b), 0));
        assertThat(calls("dag/import")).isEqualTo(2);
    }

    @Test
    void run_daemonLostAllOfIt_publishesAgain() throws Exception {
        SignedPath a = fixture.stored(1);
        SignedPath b = fixture.stored(2, a.storePath());
        donate("b", b);
        check();
        fake.pins().clear();
        fake.blocks().clear();
        check();

        assertThat(state("b").kept().published()).isEqualTo(2);
        assertThat(fake.pins()).isEqualTo(manifests(a, b));
        for (PublishedPath each : new PublishedPaths(fixture.store).all().values()) {
            assertThat(fake.holds(each.manifest())).isTrue();
        }
    }

    @Test
    void run_daemonKeptThePinAndLostTheBlocks_publishesAgain() throws Exception {
        SignedPath a = fixture.stored(1);
        donate("a", a);
        check();
        fake.blocks().clear();
        check();

        assertThat(state("a")).isEqualTo(new DonationState(Result.KEPT, fixture.now(), new Kept(1, 0, size(a), 1), ""));
        assertThat(fake.holds(Cid.parse(manifests(a).iterator().next()))).isTrue();
    }

    @Test
    void run_storeLacksPathsThatTheUpstreamHas_bringsAndPublishesThem() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.remote(2, a.storePath());
        donate("b", b);
        supply = fixture.supply();
        check();

        assertThat(state("b").error()).isEmpty();
        assertThat(fixture.has(a)).isTrue();
        assertThat(fake.pins()).isEqualTo(manifests(a, b));
    }

    @Test
    void run_pathsAreNowhere_namesThemAndSendsNothing() throws Exception {
        SignedPath nowhere = SharingFixture.path(1);
        SignedPath b = fixture.stored(2, nowhere.storePath());
        donate("b", b);
        check();

        assertThat(state("b").result()).isEqualTo(Result.INCOMPLETE);
        assertThat(state("b").error()).contains(nowhere.storePath().baseName());
        assertThat(fake.calls()).isEmpty();

        fixture.put(nowhere.narInfo().pathInfo(), SharingFixture.nar(1));
        check();
        assertThat(state("b").result()).isEqualTo(Result.KEPT);
    }

    @Test
    void run_closureIsTooLarge_isRefusedWholeBeforeAnythingIsBroughtOrSent() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.stored(2, a.storePath());
        supply = fixture.supply();
        donate("b", false, size(a, b) - 1, b.storePath());
        check();

        assertThat(state("b").result()).isEqualTo(Result.TOO_LARGE);
        assertThat(state("b").kept()).isEqualTo(Kept.NOTHING);
        assertThat(fake.calls()).isEmpty();
        assertThat(fixture.has(a)).isFalse();

        donate("b", false, size(a, b), b.storePath());
        check();
        assertThat(fake.pins()).isEqualTo(manifests(a, b));
        donate("b", false, size(b), b.storePath());
        check();
        assertThat(fake.pins()).isEmpty();
        assertThat(new PublishedPaths(fixture.store).all()).isEmpty();
        assertThat(new DonatedPaths(fixture.store).all()).isEmpty();
    }

    @Test
    void run_allTogetherAreTooLarge_refusesTheNewestAndCountsWhatIsSharedOnce() throws Exception {
        SignedPath a = fixture.stored(1);
        SignedPath b = fixture.stored(2, a.storePath());
        SignedPath c = fixture.stored(3, a.storePath());
        SignedPath d = fixture.stored(4);
        donate("z-old", b);
        donate("middle", c);
        donate("a-new", d);
        check(new DonationPolicy(PUBLIC, size(a, b, c)));

        assertThat(state("z-old").result()).isEqualTo(Result.KEPT);
        assertThat(state("middle").result()).isEqualTo(Result.KEPT);
        assertThat(state("a-new").result()).isEqualTo(Result.OVER_TOTAL);
        assertThat(fake.pins()).isEqualTo(manifests(a, b, c));

        var _ = donations.remove("middle");
        check(new DonationPolicy(PUBLIC, size(a, b, d)));
        assertThat(state("a-new").result()).isEqualTo(Result.KEPT);
        assertThat(fake.pins()).isEqualTo(manifests(a, b, d));
    }

    @Test
    void run_donationRemoved_takesBackWhatNobodyElseWants() throws Exception {
        SignedPath a = fixture.stored(1);
        SignedPath b = fixture.stored(2, a.storePath());
        SignedPath c = fixture.stored(3, a.storePath());
        SignedPath before = fixture.stored(4);
        SignedPath after = fixture.stored(5);
        IpfsPublisher user = new IpfsPublisher(fixture.store, kubo, OtherPins.NONE, PUBLIC, _ -> {});
        var _ = user.publish(before.narInfo().pathInfo());
        donate("one", b, before, after);
        donate("two", c);
        check();
        var _ = user.publish(after.narInfo().pathInfo());
        new DonatedPaths(fixture.store).claim(after.digest());

        var _ = donations.remove("one");
        check();
        assertThat(fake.pins()).isEqualTo(manifests(a, c, before, after));
        assertThat(new PublishedPaths(fixture.store).find(b.digest())).isEmpty();
        var _ = donations.remove("two");
        check();
        assertThat(fake.pins()).isEqualTo(manifests(before, after));
    }

    @Test
    void run_daemonIsNotThere_saysSoAndGoesOnWhenItIs() throws Exception {
        SignedPath a = fixture.stored(1);
        donate("a", a);
        fake.on("dag/import", (_, wire) -> wire.cut());
        check();
        assertThat(state("a").result()).isEqualTo(Result.FAILED);
        assertThat(state("a").error()).isNotEmpty();
        assertThat(state("a").kept().paths()).isZero();

        fake.on("dag/import", fake::dagImport);
        check();
        assertThat(state("a").result()).isEqualTo(Result.KEPT);
        fake.on("pin/rm", (_, wire) -> wire.cut());
        var _ = donations.remove("a");
        assertThatThrownBy(this::check).isInstanceOf(KuboException.class);
        fake.on("pin/rm", (call, wire) -> {
            fake.pins().remove(call.arg());
            wire.json("{\"Pins\":[\"" + call.arg() + "\"]}");
        });
        check();
        assertThat(fake.pins()).isEmpty();
        assertThat(new DonatedPaths(fixture.store).all()).isEmpty();
    }

    // What follows tries to get a private path out.

    private static PathInfo withSignatures(SignedPath path, List<String> signatures) {
        PathInfo info = path.narInfo().pathInfo();
        return new PathInfo(
                info.path(),
                info.narHash(),
                null,
                info.narSize(),
                info.references(),
                null,
                null,
                signatures,
                null,
                List.of());
    }

    private SignedPath storedUnsigned(int number, StorePath... references) throws IOException {
        SignedPath path = SharingFixture.path(number, references);
        fixture.put(withSignatures(path, List.of()), SharingFixture.nar(number, references));
        return path;
    }

    /** Returns all blocks that publishing a path would send. */
    private Set<Cid> blocks(SignedPath path) throws IOException {
        try (FakeKubo scratch = new FakeKubo();
                KuboClient client = scratch.client()) {
            PathInfo info = fixture.store.path(path.digest()).orElseThrow();
            IpfsPublisher publisher = new IpfsPublisher(fixture.store, client, OtherPins.NONE, null, _ -> {});
            var _ = publisher.publish(info);
            assertThat(publisher.unpublish(path.digest())).isTrue();
            return Set.copyOf(scratch.blocks().keySet());
        }
    }

    /** Returns the blocks of a path that the others do not have; before any of them is published. */
    private Set<Cid> ownBlocks(SignedPath path, SignedPath... others) throws IOException {
        Set<Cid> own = new HashSet<>(blocks(path));
        for (SignedPath other : others) {
            own.removeAll(blocks(other));
        }
        return own;
    }

    private void assertThatNothingLeaked(SignedPath secret) throws IOException {
        assertThatNothingLeaked(blocks(secret));
    }

    private void assertThatNothingLeaked(Set<Cid> secrets) {
        assertThat(secrets).hasSizeGreaterThan(2);
        assertThat(fake.blocks().keySet()).doesNotContainAnyElementsOf(secrets);
        for (Cid each : secrets) {
            assertThat(fake.calls()).noneMatch(call -> call.options().toString().contains(each.toString()));
        }
    }

    @Test
    void run_privateRoot_isRefusedAndNothingIsSent() throws Exception {
        SignedPath secret = storedUnsigned(1);
        donate("secret", secret);
        check();
        assertThat(state("secret").result()).isEqualTo(Result.PRIVATE);
        assertThat(state("secret").error()).contains(secret.storePath().baseName());
        assertThat(fake.calls()).isEmpty();
        assertThatNothingLeaked(secret);
    }

    @Test
    void run_privatePathInAClosure_refusesTheWholeClosure() throws Exception {
        SignedPath secret = storedUnsigned(1);
        SignedPath below = fixture.stored(2);
        SignedPath top = fixture.stored(3, secret.storePath(), below.storePath());
        donate("top", top);
        check();
        assertThat(state("top").result()).isEqualTo(Result.PRIVATE);
        assertThat(fake.calls()).isEmpty();
        assertThatNothingLeaked(secret);
    }

    @Test
    void run_privatePathInAClosureToBeSkipped_publishesTheOthersOnly() throws Exception {
        SignedPath below = fixture.stored(2);
        SignedPath secret = storedUnsigned(1, below.storePath());
        SignedPath top = fixture.stored(3, secret.storePath());
        Set<Cid> secrets = ownBlocks(secret, below, top);
        donate("top", true, MUCH, top.storePath());
        check();
        assertThat(state("top").result()).isEqualTo(Result.KEPT);
        assertThat(state("top").kept()).isEqualTo(new Kept(2, 1, size(top, below), 2));
        assertThat(fake.pins()).isEqualTo(manifests(top, below));
        assertThatNothingLeaked(secrets);
    }

    @Test
    void run_signatureOfAnotherPathOrKey_isNoSignature() throws Exception {
        SignedPath secret = storedUnsigned(1);
        String stolen = fixture.stored(2).narInfo().pathInfo().signatures().getFirst();
        PathInfo info = withSignatures(secret, List.of(stolen, "test-1:" + "A".repeat(86) + "=="));
        fixture.put(info, SharingFixture.nar(1));
        donate("secret", secret);
        donate("skipping", true, MUCH, secret.storePath());
        check();
        assertThat(state("secret").result()).isEqualTo(Result.PRIVATE);
        assertThat(state("skipping").kept().paths()).isZero();
        assertThatNothingLeaked(secret);
    }

    @Test
    void run_privatePathAtAnUpstream_isNotEvenBrought() throws Exception {
        SignedPath secret = fixture.remote(1);
        donate("secret", secret);
        supply = fixture.supply();
        check(new DonationPolicy(OTHERS, MUCH));
        assertThat(state("secret").result()).isEqualTo(Result.PRIVATE);
        assertThat(fixture.has(secret)).isFalse();
        assertThat(fake.calls()).isEmpty();
    }

    @Test
    void run_signatureOrKeyIsGone_takesThePathBack() throws Exception {
        SignedPath a = fixture.stored(1);
        SignedPath b = fixture.stored(2, a.storePath());
        donate("b", b);
        donate("rest", true, MUCH, b.storePath());
        check();
        assertThat(fake.pins()).hasSize(2);

        fixture.store.publish(withSignatures(a, List.of())).join();
        check();
        assertThat(state("b").result()).isEqualTo(Result.PRIVATE);
        assertThat(state("rest").kept()).isEqualTo(new Kept(1, 1, size(b), 0));
        assertThat(fake.pins()).isEqualTo(manifests(b));

        check(new DonationPolicy(OTHERS, MUCH));
        assertThat(fake.pins()).isEmpty();
        assertThat(new PublishedPaths(fixture.store).all()).isEmpty();
    }

    @Test
    void run_pathBecomesPrivateBetweenPlanAndPublication_isNotSent() throws Exception {
        SignedPath first = fixture.stored(1);
        SignedPath secret = fixture.stored(2);
        donate("both", first, secret);
        Set<Cid> secrets = ownBlocks(secret, first);
        // the plan is made when the first path is on its way
        fake.on("dag/import", (call, wire) -> {
            fixture.store.publish(withSignatures(secret, List.of())).join();
            fake.dagImport(call, wire);
        });
        check();
        assertThat(state("both").result()).isEqualTo(Result.PRIVATE);
        assertThat(fake.pins()).isEqualTo(manifests(first));
        assertThatNothingLeaked(secrets);
    }
}
