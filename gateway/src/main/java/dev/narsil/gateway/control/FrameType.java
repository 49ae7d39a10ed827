package dev.narsil.gateway.control;

/** The kinds of frame, with the number that stands for each and the most bytes it carries. */
enum FrameType {
    REQUEST(1, 4 << 20),
    INPUT(2, 64 << 10),
    OUTPUT(3, 64 << 10),
    ERROR(4, 64 << 10),
    INPUT_WANTED(5, 0),
    EXIT(6, 1);

    private final int number;
    private final int maxLength;

    FrameType(int number, int maxLength) {
        this.number = number;
        this.maxLength = maxLength;
    }

    int number() {
        return number;
    }

    int maxLength() {
        return maxLength;
    }

    static FrameType of(int number) throws ControlException {
        for (FrameType type : values()) {
            if (type.number == number) {
                return type;
            }
        }
        throw new ControlException("frame of unknown type " + number);
    }
}
