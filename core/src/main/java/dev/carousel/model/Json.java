package dev.carousel.model;

import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;

/**
 * JSON text to plain values and back: {@code Map<String, Object>}, {@code List<Object>}, {@code
 * String}, {@code Boolean}, and {@link Numeral} for a number that was read.
 */
final class Json {
  private static final int MAX_DEPTH = 32;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(64)
                  .maxStringLength(1 << 26)
                  .maxNameLength(1 << 16)
                  .build())
          .build();

  /** A number as it was written: only who asks for it knows of what type it has to be. */
  record Numeral(String text, boolean integral) {}

  /** What {@code null} is read as. */
  enum Null {
    NULL
  }

  private Json() {}

  /**
   * Reads one document.
   *
   * @param source names the document in errors
   * @throws ModelFormatException if it is no UTF-8, no JSON, nested deeper than 32, or a name
   *     stands twice in an object
   */
  static Object parse(String source, ByteBuffer utf8) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new ModelFormatException(source + ": expected JSON in UTF-8, got other bytes", e);
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      Object value = value(source, parser);
      if (parser.nextToken() != null) {
        throw new ModelFormatException(source + ": expected one JSON value, got more behind it");
      }
      return value;
    } catch (JacksonException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("damaged");
      throw new ModelFormatException(
          source
              + ": expected JSON, got an error at character "
              + Math.max(0, e.getLocation() == null ? 0 : e.getLocation().getCharOffset())
              + ": "
              + reason,
          e);
    }
  }

  private static Object value(String source, JsonParser parser) {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new ModelFormatException(source + ": expected JSON, got an empty document");
    }
    return switch (token) {
      case START_OBJECT -> object(source, parser);
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(source, parser));
        }
        yield elements;
      }
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> new Numeral(parser.getString(), true);
      case VALUE_NUMBER_FLOAT -> new Numeral(parser.getString(), false);
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NULL -> Null.NULL;
      default -> throw new ModelFormatException(source + ": expected JSON, got " + token);
    };
  }

  private static Map<String, Object> object(String source, JsonParser parser) {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (fields.put(name, value(source, parser)) != null) {
        throw new ModelFormatException(
            source + ": expected every name once in an object, got \"" + name + "\" twice");
      }
    }
    return fields;
  }

  /** Writes one document; indented and ended by a line feed, or compact. */
  static byte[] write(@Nullable Object value, boolean indented) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator =
        FACTORY.createGenerator(indented ? new Indented() : ObjectWriteContext.empty(), text)) {
      write(value, generator);
    }
    CharBuffer whole = CharBuffer.wrap((indented ? text.append('\n') : text).getBuffer());
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(whole);
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "text to save: expected Unicode characters, got half of a surrogate pair", e);
    }
  }

  private static void write(@Nullable Object value, JsonGenerator generator) {
    if (value instanceof Map<?, ?> fields) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> field : fields.entrySet()) {
        generator.writeName((String) field.getKey());
        write(field.getValue(), generator);
      }
      generator.writeEndObject();
    } else if (value instanceof List<?> elements) {
      generator.writeStartArray();
      for (Object element : elements) {
        write(element, generator);
      }
      generator.writeEndArray();
    } else if (value instanceof String text) {
      generator.writeString(text);
    } else if (value instanceof Boolean flag) {
      generator.writeBoolean(flag);
    } else if (value instanceof Integer || value instanceof Long) {
      generator.writeNumber(((Number) value).longValue());
    } else if (value instanceof Float number) {
      generator.writeNumber(shortest(number));
    } else if (value instanceof Double number) {
      generator.writeNumber(shortest(number));
    } else {
      throw new IllegalArgumentException("JSON has no form for " + value);
    }
  }

  /**
   * Fewest digits that read back as the same float; Float.toString's vary between Java versions.
   */
  static String shortest(float value) {
    if (value == 0) {
      return Float.floatToRawIntBits(value) == 0 ? "0" : "-0.0";
    }
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; digits < 9; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits));
      if (rounded.floatValue() == value) {
        return plain(rounded);
      }
    }
    return plain(exact.round(new MathContext(9)));
  }

  /** Fewest digits that read back as the same double. */
  static String shortest(double value) {
    if (value == 0) {
      return Double.doubleToRawLongBits(value) == 0 ? "0" : "-0.0";
    }
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; digits < 17; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits));
      if (rounded.doubleValue() == value) {
        return plain(rounded);
      }
    }
    return plain(exact.round(new MathContext(17)));
  }

  private static String plain(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    int exponent = stripped.precision() - stripped.scale() - 1;
    return exponent > -7 && exponent < 16 ? stripped.toPlainString() : stripped.toString();
  }

  /** The same line ends on every platform. */
  private static final class Indented extends ObjectWriteContext.Base {
    @Override
    public PrettyPrinter getPrettyPrinter() {
      DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
      return new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    }

    @Override
    public boolean hasPrettyPrinter() {
      return true;
    }
  }
}
