package dev.narsil.gateway.upload;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The upload of a small file, in place of one that is there. */
final class ObjectUpload implements Step {

    /** What a file takes at rest, and when it is written as a record. */
    private static final int STORED_MIB = 2 * (ObjectBytes.MAX_STORED_BYTES >> 20);

    private final Uploads uploads;
    private final ObjectName name;
    private final List<String> contentEncoding;
    private ContentCodings codings = ContentCodings.PLAIN;
    private long length = Upload.UNKNOWN_LENGTH;
    private UploadDisk.@Nullable Room room;

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
        room = uploads.reserve(length);
        return Optional.empty();
    }

    @Override
    public Verdict receive(BodyPipe body) throws IOException {
        StoredObject object = new SmallBody(uploads.smallMemory(), codings, STORED_MIB)
                .read(body, length, in -> ObjectBytes.read(in, name.kind().maxBytes()));
        uploads.objects().put(name, object);
        uploads.counters().objectsStored.increment();
        return Verdict.STORED;
    }

    @Override
    public void close() {
        if (room != null) {
            room.close();
        }
    }
}
