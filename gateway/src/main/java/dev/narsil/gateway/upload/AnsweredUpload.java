package dev.narsil.gateway.upload;

import dev.narsil.blockstore.StoreException;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An upload whose every end is an answer, but for a client that is gone. Counts how uploads end. */
final class AnsweredUpload implements Upload {

    private static final Logger LOG = LoggerFactory.getLogger(AnsweredUpload.class);

    private final Step step;
    private final UploadCounters counters;

    AnsweredUpload(Step step, UploadCounters counters) {
        this.step = step;
        this.counters = counters;
    }

    @Override
    public Optional<Verdict> admit(long length) throws BodyLostException {
        Optional<Verdict> verdict;
        try {
            verdict = step.admit(length);
        } catch (RefusedException e) {
            verdict = Optional.of(e.verdict());
        } catch (BodyLostException e) {
            counters.lost.increment();
            throw e;
        } catch (IOException e) {
            LOG.error("an upload cannot be admitted: {}", e.getMessage());
            verdict = Optional.of(Verdict.busy(trouble(e)));
        } catch (RuntimeException e) {
            LOG.error("an upload cannot be admitted", e);
            verdict = Optional.of(Verdict.notPossible("this cache has a fault"));
        }
        if (verdict.isPresent() && !verdict.get().isStored()) {
            counters.refused.increment();
        }
        return verdict;
    }

    @Override
    public Verdict receive(BodyPipe body) throws BodyLostException {
        Verdict verdict;
        try {
            verdict = step.receive(body);
        } catch (RefusedException e) {
            verdict = e.verdict();
        } catch (BodyLostException e) {
            counters.lost.increment();
            throw e;
        } catch (IOException e) {
            LOG.error("an upload cannot be stored: {}", e.getMessage());
            verdict = Verdict.notPossible(trouble(e));
        } catch (RuntimeException e) {
            LOG.error("an upload cannot be stored", e);
            verdict = Verdict.notPossible("this cache has a fault");
        } finally {
            counters.bytesReceived.add(body.received());
        }
        if (!verdict.isStored()) {
            counters.refused.increment();
        }
        return verdict;
    }

    private static String trouble(IOException e) {
        return e instanceof StoreException trouble && trouble.kind() == StoreException.Kind.FULL
                ? "the disk of this cache is full"
                : "this cache has trouble with its store";
    }

    @Override
    public void close() {
        step.close();
    }
}
