package dev.narsil.gateway.control;

/**
 * What the far end of a command's output is.
 *
 * @param output whether standard output is a terminal
 * @param error whether standard error is a terminal
 * @param color whether colours and other decoration are welcome there ({@code NO_COLOR} unset)
 * @param width columns, 1 to 65,535
 */
public record Terminal(boolean output, boolean error, boolean color, int width) {

    /** Columns assumed where they are not known. */
    public static final int DEFAULT_WIDTH = 80;

    /** No terminal at all. */
    public static final Terminal NONE = new Terminal(false, false, false, DEFAULT_WIDTH);

    private static final int MAX_WIDTH = 0xffff;

    public Terminal {
        if (width < 1 || width > MAX_WIDTH) {
            throw new IllegalArgumentException("a terminal has 1 to 65535 columns, not " + width);
        }
    }
}
