package dev.carousel.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackedMatrixTest {
  private static GuardedMatrix counting(int rows, int columns, int at, int gap) {
    int[] next = {0};
    return new GuardedMatrix(rows, columns, at, gap, () -> ++next[0]);
  }

  /** Panel after panel, each row after row, zero where the matrix has no column. */
  private static float[] panels(
      int rows, int columns, int panelColumns, GuardedMatrix source, boolean transposed) {
    int panels = (columns + panelColumns - 1) / panelColumns;
    float[] expected = new float[panels * rows * panelColumns];
    int to = 0;
    for (int panel = 0; panel < panels; panel++) {
      for (int r = 0; r < rows; r++) {
        for (int c = panel * panelColumns; c < (panel + 1) * panelColumns; c++) {
          if (c < columns) {
            expected[to] = transposed ? source.get(c, r) : source.get(r, c);
          }
          to++;
        }
      }
    }
    return expected;
  }

  @ParameterizedTest(name = "{0} x {1} in panels of {2}")
  @CsvSource({
    "1, 1, 8",
    "3, 7, 8",
    "16, 16, 16",
    "17, 33, 16",
    "31, 64, 32",
    "5, 65, 64",
    "3, 133, 8",
    "2, 0, 8",
    "0, 9, 8"
  })
  void packsAMatrixOrItsTranspose(int rows, int columns, int panelColumns) {
    GuardedMatrix source = counting(rows, columns, 3, 2);
    GuardedMatrix sourceTransposed = counting(columns, rows, 5, 1);
    PackedMatrix packed = new PackedMatrix(rows, columns, panelColumns);
    PackedMatrix packedTransposed = new PackedMatrix(rows, columns, panelColumns);

    packed.pack(0, packed.panels(), source.data(), source.at(), source.stride());
    packedTransposed.packTransposed(
        0,
        packedTransposed.panels(),
        sourceTransposed.data(),
        sourceTransposed.at(),
        sourceTransposed.stride());

    assertThat(packed.rows()).isEqualTo(rows);
    assertThat(packed.columns()).isEqualTo(columns);
    assertThat(packed.place().data()).isEqualTo(panels(rows, columns, panelColumns, source, false));
    assertThat(packedTransposed.place().data())
        .isEqualTo(panels(rows, columns, panelColumns, sourceTransposed, true));
  }

  @Test
  void aRangeOfPanelsLeavesTheOthersAlone() {
    GuardedMatrix source = counting(3, 30, 0, 0);
    PackedMatrix packed = new PackedMatrix(3, 30, 8);
    float[] whole = panels(3, 30, 8, source, false);

    packed.pack(1, 3, source.data(), source.at(), source.stride());

    float[] expected = new float[4 * 3 * 8];
    System.arraycopy(whole, 24, expected, 24, 48);
    assertThat(packed.place().data()).isEqualTo(expected);
    packed.packTransposed(0, 0, source.data(), source.at(), source.stride());
    assertThat(packed.place().data()).isEqualTo(expected);
  }

  @Test
  void aPartIsPackedAndReadInTheMemoryOfTheWhole() {
    GuardedMatrix source = counting(5, 11, 2, 1);
    GuardedMatrix sourceTransposed = counting(11, 2, 0, 3);
    PackedMatrix whole = new PackedMatrix(5, 11, 4);
    PackedMatrix last = whole.part(1, 4).part(2, 2);

    whole.pack(0, 3, source.data(), source.at(), source.stride());
    last.packTransposed(
        0, 3, sourceTransposed.data(), sourceTransposed.at(), sourceTransposed.stride());

    assertThat(last.rows()).isEqualTo(2);
    assertThat(last.columns()).isEqualTo(11);
    for (int r = 0; r < 5; r++) {
      for (int c = 0; c < 11; c++) {
        float expected = r < 3 ? source.get(r, c) : sourceTransposed.get(c, r - 3);
        assertThat(value(whole, r, c)).isEqualTo(expected);
        if (r >= 3) {
          assertThat(value(last, r - 3, c)).isEqualTo(expected);
        }
      }
    }
    assertThatThrownBy(() -> whole.part(3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void whatIsPackedIsCopiedAndPartsReadTheCopy() {
    GuardedMatrix source = counting(5, 11, 2, 1);
    AtomicInteger moves = new AtomicInteger();
    PackedMatrix whole = new PackedMatrix(5, 11, 4, new MovingAlignment(moves));
    PackedMatrix last = whole.part(3, 2);
    whole.pack(0, 3, source.data(), source.at(), source.stride());
    assertThat(whole.place().origin()).isZero();

    for (int move = 1; move < 20; move++) {
      PackedMatrix.Place before = whole.place();
      float[] values = before.data().clone();
      (move % 2 == 0 ? whole : last).align();

      assertThat(moves).hasValue(move);
      assertThat(whole.place().origin()).isEqualTo(move * 5 % 14);
      assertThat(last.place()).isSameAs(whole.place());
      assertThat(whole.place().data()).isNotSameAs(before.data());
      assertThat(before.data()).as("what others may be reading").isEqualTo(values);
      for (int r = 0; r < 5; r++) {
        for (int c = 0; c < 11; c++) {
          assertThat(value(whole, r, c)).isEqualTo(source.get(r, c));
          if (r >= 3) {
            assertThat(value(last, r - 3, c)).isEqualTo(source.get(r, c));
          }
        }
      }
    }
  }

  @Test
  void aCopyOfWhichNothingIsKnownIsNotTaken() {
    PackedMatrix matrix =
        new PackedMatrix(
            5,
            11,
            4,
            new Alignment() {
              @Override
              public int room() {
                return 3;
              }

              @Override
              public boolean isWorthMoving(float[] data, int origin) {
                return true;
              }

              @Override
              public int origin(float[] data) {
                return -1;
              }
            });
    PackedMatrix.Place before = matrix.place();

    matrix.align();

    assertThat(matrix.place()).isSameAs(before);
  }

  /** Of panels of four columns. */
  private static float value(PackedMatrix matrix, int r, int c) {
    PackedMatrix.Place place = matrix.place();
    return place.data()[place.origin() + matrix.panel(c / 4) + r * 4 + c % 4];
  }

  @Test
  void whatIsNotPackedDoesNotMove() {
    AtomicInteger moves = new AtomicInteger();
    PackedMatrix matrix = new PackedMatrix(5, 11, 4, new MovingAlignment(moves));

    matrix.align();

    assertThat(moves).hasValue(0);
    assertThat(matrix.place().origin()).isZero();
    assertThat(matrix.place().data()).containsOnly(0f).hasSize(5 * 12 + 13);
  }

  @Test
  void aSizeBeyondAnArrayIsRefused() {
    assertThatThrownBy(() -> new PackedMatrix(1 << 20, 1 << 20, 64))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("integer overflow");
  }
}
