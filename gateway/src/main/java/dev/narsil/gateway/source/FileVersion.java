package dev.narsil.gateway.source;

import org.jspecify.annotations.Nullable;

/**
 * What tells one state of a file on a web server from another.
 *
 * @param validator what {@code If-Range} takes (RFC 9110, 13.1.5): a strong entity tag or, without any tag, a date; null
 *     if there is none
 * @param length of the whole file in bytes, or -1
 */
public record FileVersion(@Nullable String validator, long length) {

    /** Any state. */
    public static final FileVersion ANY = new FileVersion(null, -1);

    /** Returns the state that an answer to a GET is of, be it the whole file or a range. */
    public static FileVersion of(HttpHead head) {
        String tag = head.header("ETag");
        String validator = tag == null ? head.header("Last-Modified") : tag.startsWith("\"") ? tag : null;
        return new FileVersion(validator, head.fileLength());
    }

    /** Tells whether both cannot be the same state. */
    public boolean contradicts(FileVersion other) {
        return (validator != null && other.validator != null && !validator.equals(other.validator))
                || (length >= 0 && other.length >= 0 && length != other.length);
    }
}
