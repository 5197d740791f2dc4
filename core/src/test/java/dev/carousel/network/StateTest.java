package dev.carousel.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class StateTest {
  private static final String OWNER = "0123456789abcdef".repeat(4);
  private static final float[] VALUES = {1.5f, -0f, Float.NaN, Float.MIN_VALUE, -1e30f};

  @Test
  void theByteFormComesBackBitForBit() {
    State state = new State(OWNER, VALUES.clone());

    State back = State.fromBytes(state.toBytes(), OWNER, VALUES.length);

    assertThat(back).isEqualTo(state).hasSameHashCodeAs(state);
    assertThat(back.fingerprint()).isEqualTo(OWNER);
    for (int i = 0; i < VALUES.length; i++) {
      assertThat(Float.floatToRawIntBits(back.values()[i]))
          .isEqualTo(Float.floatToRawIntBits(VALUES[i]));
    }
  }

  @Test
  void theBytesOfVersion1NeverChange() {
    ByteBuffer expected = ByteBuffer.allocate(56).order(ByteOrder.LITTLE_ENDIAN);
    expected.put(new byte[] {'C', 'R', 'S', 'L', 1, 0, 0, 0});
    for (int i = 0; i < 4; i++) {
      expected.putLong(Long.reverseBytes(0x0123456789abcdefL));
    }
    expected.putInt(2).putFloat(1).putFloat(-2);
    CRC32 crc = new CRC32();
    crc.update(expected.array(), 0, 52);
    expected.putInt((int) crc.getValue());

    assertThat(new State(OWNER, new float[] {1, -2}).toBytes()).isEqualTo(expected.array());
  }

  @Test
  void aStateWithoutValuesIsAState() {
    State state = new State(OWNER, new float[0]);
    assertThat(state.toBytes()).hasSize(48);
    assertThat(State.fromBytes(state.toBytes(), OWNER, 0)).isEqualTo(state);
  }

  @Test
  void aCopyIsAMomentOfItsOwn() {
    State state = new State(OWNER, new float[] {1});
    State copy = state.copy();
    state.values()[0] = 2;
    assertThat(copy.values()).containsExactly(1);
    assertThat(copy).isNotEqualTo(state).isEqualTo(new State(OWNER, new float[] {1}));
    assertThat(copy).isNotEqualTo(new State("f" + OWNER.substring(1), new float[] {1}));
    assertThat(copy).hasToString("State[1 values of model 0123456789ab]");
  }

  @Test
  void otherBytesAreRefused() {
    byte[] good = new State(OWNER, VALUES).toBytes();
    assertRefused(new byte[0], "state: expected the bytes of a Carousel state, got 0 other bytes");
    assertRefused(
        Arrays.copyOf(good, 47),
        "state: expected the bytes of a Carousel state, got 47 other bytes");
    byte[] png = good.clone();
    png[0] = 'P';
    assertRefused(png, "state: expected the bytes of a Carousel state, got 68 other bytes");
    byte[] version = good.clone();
    version[4] = 2;
    assertRefused(version, "state: expected version 1, got 2");
    assertRefused(Arrays.copyOf(good, 67), "state: expected 68 bytes (from its header), got 67");
    assertRefused(Arrays.copyOf(good, 69), "state: expected 68 bytes (from its header), got 69");
    byte[] huge = good.clone();
    huge[42] = 0x7F;
    assertRefused(huge, "state: expected 33292356 bytes (from its header), got 68");
    byte[] flipped = good.clone();
    flipped[45] ^= 1;
    assertRefused(flipped, "state: its checksum does not match, the bytes are damaged");
  }

  @Test
  void statesOfAnotherModelAreRefused() {
    byte[] bytes = new State(OWNER, VALUES).toBytes();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> State.fromBytes(bytes, "f".repeat(64), VALUES.length))
        .withMessage(
            "state: expected a state of model ffffffffffff, got one of model 0123456789ab");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> State.fromBytes(bytes, OWNER, 6))
        .withMessage("state: expected 6 values, got 5");
  }

  @FuzzTest
  void anyBytes(byte[] bytes) {
    read(bytes);
    if (bytes.length >= 4) {
      // What the checksum keeps away from the checks behind it.
      CRC32 crc = new CRC32();
      crc.update(bytes, 0, bytes.length - 4);
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(bytes.length - 4, (int) crc.getValue());
      read(bytes);
    }
  }

  @Test
  void mutatedBytesAreNeverAnotherState() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(31);
    byte[] good = new State(OWNER, VALUES).toBytes();
    for (int trial = 0; trial < 20_000; trial++) {
      byte[] bytes = good.clone();
      switch (random.nextInt(3)) {
        case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(2 * bytes.length));
        case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        default ->
            ByteBuffer.wrap(bytes).putInt(4 * random.nextInt(bytes.length / 4), random.nextInt());
      }
      assertThat(read(bytes)).isEqualTo(Arrays.equals(bytes, good));
    }
  }

  private static boolean read(byte[] bytes) {
    try {
      State state = State.fromBytes(bytes, OWNER, VALUES.length);
      assertThat(state.toBytes()).isEqualTo(bytes);
      return true;
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageStartingWith("state: ");
      return false;
    }
  }

  private static void assertRefused(byte[] bytes, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> State.fromBytes(bytes, OWNER, VALUES.length))
        .withMessage(message);
  }
}
