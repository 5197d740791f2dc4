package dev.carousel.kernel;

/**
 * Where in its array a kernel reads a packed matrix fastest. One for each matrix; not thread-safe.
 */
public interface Alignment {
  /** Of a kernel to which all places are the same. */
  Alignment NONE =
      new Alignment() {
        @Override
        public int room() {
          return 0;
        }

        @Override
        public int origin(float[] data, int origin) {
          return origin;
        }
      };

  /** The last place: so many values an array has beside the matrix. */
  int room();

  /**
   * Where the matrix should begin.
   *
   * @param origin where it begins now
   * @return from 0 to {@link #room}; {@code origin} if no other place is known to be better
   */
  int origin(float[] data, int origin);
}
