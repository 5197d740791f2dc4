package dev.carousel.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.kernel.Alignment;
import dev.carousel.kernel.AlternatingRows;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.ScalarKernel;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Where an array is read fastest, by a clock that is told; and the same bits from every place. */
class CacheLinesTest {
  private static final int LARGE = 1 << 13;
  private static final int LINE = 16;

  /** Reads an array whose first value lies {@code behind} values behind the beginning of a line. */
  private static final class Clock implements CacheLines.Timer {
    int behind;
    long fast = 160;
    long slow = 280;
    int calls;

    @Override
    public long nanos(float[] array, int from) {
      calls++;
      return crosses(from) ? slow : fast;
    }

    boolean crosses(int from) {
      return (behind + from) % Math.min(LINE, Lanes.LENGTH) != 0;
    }
  }

  /** Where the matrix begins after a look. */
  private static int moved(Alignment lines, float[] array, int origin) {
    int better = lines.isWorthMoving(array, origin) ? lines.origin(array) : -1;
    // A second look may be disturbed where the first was not.
    return better >= 0 ? better : origin;
  }

  @Test
  void aPlaceIsFoundWhereNoVectorCrossesALine() {
    for (int behind = 0; behind < LINE; behind++) {
      Clock clock = new Clock();
      clock.behind = behind;

      int origin = moved(new CacheLines(clock), new float[LARGE], 0);

      assertThat(clock.crosses(origin)).as("%d behind, from %d", behind, origin).isFalse();
      assertThat(origin).isBetween(0, LINE - 1);
      assertThat(new CacheLines(clock).origin(new float[LARGE])).isEqualTo(origin);
    }
  }

  @Test
  void anArrayThatWasMovedIsFoundAgainSoon() {
    Clock clock = new Clock();
    CacheLines lines = new CacheLines(clock);
    float[] array = new float[LARGE];
    int origin = moved(lines, array, 0);

    for (int move = 0; move < 8; move++) {
      clock.behind = (clock.behind + 7) % LINE;
      for (int i = 0; i < 5; i++) {
        origin = moved(lines, array, origin);
      }

      assertThat(clock.crosses(origin)).as("move %d, from %d", move, origin).isFalse();
    }
  }

  @Test
  void whereThePlacesAreAlikeNothingMovesAndLooksBecomeRare() {
    Clock clock = new Clock();
    clock.behind = 2;
    clock.slow = clock.fast * 8 / 7;
    CacheLines lines = new CacheLines(clock);
    float[] array = new float[LARGE];

    for (int i = 0; i < 20_000; i++) {
      assertThat(moved(lines, array, 4)).isEqualTo(4);
    }

    // 4, 8 to 512 calls apart, then 1024: 27 looks, of 55 readings each.
    assertThat(clock.calls).isEqualTo(27 * 55);
    assertThat(lines.origin(array)).isNegative();
  }

  @Test
  void whatIsNotCompiledDecidesNothing() {
    Clock clock = new Clock();
    clock.behind = 2;
    clock.fast = 30_000;
    clock.slow = 90_000;
    CacheLines lines = new CacheLines(clock);
    float[] array = new float[LARGE];

    for (int i = 0; i < 20_000; i++) {
      assertThat(moved(lines, array, 0)).isZero();
    }
    assertThat(clock.calls).isBetween(600, 650);

    clock.fast = 160;
    clock.slow = 280;
    int origin = 0;
    for (int i = 0; i < 1_030; i++) {
      origin = moved(lines, array, origin);
    }
    assertThat(clock.crosses(origin)).isFalse();
  }

  @Test
  void aSmallArrayIsLeftAlone() {
    Clock clock = new Clock();
    clock.behind = 2;

    assertThat(moved(new CacheLines(clock), new float[4_000], 0)).isZero();

    assertThat(clock.calls).isZero();
    assertThat(CacheLines.alignment(4_000).room()).isZero();
  }

  /** Whatever the processor says; of the smallest array it looks at, which it does not overrun. */
  @Test
  void aPlaceOfThisMachineIsInTheArray() {
    Alignment lines = CacheLines.alignment(1 << 12);
    float[] array = new float[(1 << 12) + lines.room()];
    int origin = lines.room();

    for (int i = 0; i < 2_000; i++) {
      origin = moved(lines, array, origin);

      assertThat(origin).isBetween(0, lines.room());
    }
  }

  /** One reading of a look in three is long, as where another program takes its turn. */
  @Test
  void aGoodPlaceIsNotLeftForSomeLongReadings() {
    Clock clock = new Clock();
    int[] readings = {0};
    CacheLines lines =
        new CacheLines(
            (array, from) -> clock.nanos(array, from) + (readings[0]++ % 3 == 0 ? 5_000 : 0));
    float[] array = new float[LARGE];

    for (int i = 0; i < 1_000; i++) {
      assertThat(moved(lines, array, 0)).isZero();
    }
  }

  @Test
  void placesThatDifferLessThanReadingsDoAreAlike() {
    SplittableRandom random = new SplittableRandom(1);
    CacheLines lines = new CacheLines((array, from) -> 200 + random.nextInt(25));
    float[] array = new float[LARGE];

    for (int i = 0; i < 20_000; i++) {
      assertThat(moved(lines, array, 6)).isEqualTo(6);
    }
  }

  /** Any of a line's places, and the next line's first. */
  private record At(int place) implements Alignment {
    @Override
    public int room() {
      return LINE;
    }

    @Override
    public boolean isWorthMoving(float[] data, int origin) {
      return origin != place;
    }

    @Override
    public int origin(float[] data) {
      return place;
    }
  }

  @Test
  void productsHaveTheSameBitsFromEveryPlace() {
    for (int m : new int[] {1, 2, 7, 11, 40}) {
      for (int n : new int[] {5, 64, 200}) {
        float[] expected = product(new ScalarKernel(), new ScalarKernel().packed(19, n), m);
        for (Map.Entry<VectorWidths.Shape, Kernel> kernel : VectorWidths.kernels().entrySet()) {
          for (int place = 0; place <= LINE; place++) {
            PackedMatrix b =
                new PackedMatrix(19, n, kernel.getValue().columnAlignment(), new At(place));

            assertThat(product(kernel.getValue(), b, m))
                .as("%d x 19 x %d from %d, %s", m, n, place, kernel.getKey())
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  private static float[] product(Kernel kernel, PackedMatrix b, int m) {
    int n = b.columns();
    float[] source = values(19 * n);
    b.pack(0, b.panels(), source, 0, n);
    b.align();
    float[] c = new float[m * n];
    kernel.productFromBias(m, values(n), 0, values(m * 19), 0, 19, b, c, 0, n);
    kernel.joinedProductFromBias(
        m, c.clone(), 0, 8, values(m * 8), 0, 11, values(m * 11), 0, b, c, 0, n);
    return c;
  }

  @Test
  void weightGradientsHaveTheSameBitsFromEveryPlace() {
    float[] expected = new float[39 * 72];
    new ScalarKernel()
        .weightGradients(
            new AlternatingRows(300),
            72,
            values(600 * 72),
            0,
            72,
            5,
            values(600 * 5),
            0,
            33,
            values(600 * 33),
            0,
            expected,
            0,
            5 * 72,
            38 * 72,
            72);
    for (int place = 0; place <= LINE; place++) {
      float[] actual = new float[39 * 72];
      WeightGradients.add(
          new WeightGradients.Scratch(new At(place)),
          new AlternatingRows(300),
          72,
          values(600 * 72),
          0,
          72,
          5,
          values(600 * 5),
          0,
          33,
          values(600 * 33),
          0,
          actual,
          0,
          5 * 72,
          38 * 72,
          72);

      assertThat(actual).as("from %d", place).isEqualTo(expected);
    }
  }

  private static float[] values(int count) {
    SplittableRandom random = new SplittableRandom(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
