package dev.carousel.kernel;

/**
 * Where in its array a kernel reads a packed matrix fastest. One for each matrix, unless it knows
 * nothing of them; not thread-safe.
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
        public boolean isWorthMoving(float[] data, int origin) {
          return false;
        }

        @Override
        public int origin(float[] data) {
          return -1;
        }
      };

  /** The last place: so many values an array has beside the matrix. */
  int room();

  /**
   * Whether a matrix would be read faster elsewhere. Asked now and then, it may look only at some
   * of the times.
   *
   * @param origin where it begins
   */
  boolean isWorthMoving(float[] data, int origin);

  /** Where in an array a matrix should begin, from 0 to {@link #room}; negative if not known. */
  int origin(float[] data);
}
