package dev.narsil.gateway.upload;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The upload of a small file, in place of one that is there. */
final class ObjectUpload implements Step {

    private final Uploads uploads;
    private final ObjectName name;
    private final List<String> contentEncoding;
    private ContentCodings codings = ContentCodings.PLAIN;
    private long length = Upload.UNKNOWN_LENGTH;

    ObjectUpload(Uploads uploads, ObjectName name, List<String> contentEncoding) {
        this.uploads = uploads;
        this.name = name;
        this.contentEncoding = contentEncoding;
    }

    @Override
    public Optional<Verdict> admit(long announced) throws IOException {
        length = announced;
        codings = ContentCodings.parse(contentEncoding);
        if (length > name.kind().maxBytes()) {
            return Optional.of(Verdict.tooLarge("longer than " + name.kind().maxBytes() + " bytes"));
        }
        return uploads.full(Math.max(0, length));
    }

    @Override
    public Verdict receive(BodyPipe body) throws IOException {
        StoredObject object = new SmallBody(uploads.smallMemory(), codings)
                .read(body, length, in -> ObjectBytes.read(in, name.kind().maxBytes()));
        uploads.objects().put(name, object);
        uploads.counters().objectsStored.increment();
        return Verdict.STORED;
    }
}
