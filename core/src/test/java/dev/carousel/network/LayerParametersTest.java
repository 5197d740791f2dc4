package dev.carousel.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LayerParametersTest {
  private static final Network NETWORK =
      Network.input(2).bidirectional(new Cell.Lstm().withPeepholes(), 3).gru(4).dense(5).softmax();

  /** Every value is its own index. */
  private static Parameters counted() {
    float[] values = new float[NETWORK.parameterLayout().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return new Parameters(NETWORK, values);
  }

  @Test
  void ofOneDirectionOfALayer() {
    Parameters parameters = counted();
    LayerParameters back = LayerParameters.of(parameters, 0, "_l0_reverse");
    assertThat(back.values()).isSameAs(parameters.values());
    assertThat(back.get("weight_hh"))
        .isEqualTo(NETWORK.parameterLayout().slice("layers.0.weight_hh_l0_reverse"));
    assertThat(LayerParameters.of(parameters, 0, "_l0").get("weight_hh"))
        .isEqualTo(NETWORK.parameterLayout().slice("layers.0.weight_hh_l0"));
    assertThat(LayerParameters.of(parameters, 2, "").get("weight"))
        .isEqualTo(NETWORK.parameterLayout().slice("layers.2.weight"));
  }

  @Test
  void unitsHaveTheirColumnsOfEveryBlock() {
    for (String suffix : new String[] {"_l0", "_l0_reverse"}) {
      LayerParameters whole = LayerParameters.of(counted(), 0, suffix);
      checkUnits(
          whole, 1, 3, "weight_ih", "weight_hh", "bias", "weight_ci", "weight_cf", "weight_co");
    }
    LayerParameters gru = LayerParameters.of(counted(), 1, "_l0");
    checkUnits(gru, 0, 1, "weight_ih", "weight_hh", "bias", "bias_hn");
    checkUnits(gru, 3, 4, "weight_ih", "weight_hh", "bias", "bias_hn");
    checkUnits(LayerParameters.of(counted(), 2, ""), 2, 5, "weight", "bias");
  }

  private static void checkUnits(LayerParameters whole, int from, int to, String... names) {
    LayerParameters some = whole.units(from, to);
    int size = 0;
    for (String name : names) {
      ParameterLayout.Slice all = whole.get(name);
      ParameterLayout.Slice theirs = some.get(name);
      assertThat(theirs.rows()).as(name).isEqualTo(all.rows());
      assertThat(theirs.blocks()).as(name).isEqualTo(all.blocks());
      assertThat(theirs.width()).as(name).isEqualTo(to - from);
      for (int r = 0; r < all.rows(); r++) {
        for (int block = 0; block < all.blocks(); block++) {
          for (int unit = from; unit < to; unit++) {
            int at = all.offset() + r * all.columns() + block * all.width() + unit;
            int to2 = theirs.offset() + r * theirs.columns() + block * theirs.width();
            assertThat(some.values()[to2 + unit - from]).as(name).isEqualTo(whole.values()[at]);
          }
        }
      }
      size += theirs.size();
    }
    assertThat(some.values()).hasSize(size);
  }

  @Test
  void whatIsNotThereIsRefused() {
    LayerParameters dense = LayerParameters.of(counted(), 2, "");
    assertThatThrownBy(() -> dense.get("weight_hh"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parameter: expected one of [bias, weight], got weight_hh");
    assertThatThrownBy(() -> dense.units(3, 6)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> dense.units(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
