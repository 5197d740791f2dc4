# Read by the scripts beside it: builds the module when it is outdated and leaves java, version and classpath set.

fail() {
  printf 'benchmarks: %s\n' "$1" >&2
  exit 1
}

home=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd -P)
stamp=$home/benchmarks/target/benchmarks.stamp

if [ -n "${JAVA_HOME:-}" ]; then
  java=$JAVA_HOME/bin/java
  [ -x "$java" ] || fail "JAVA_HOME is $JAVA_HOME, which has no bin/java: expected a JDK 17 or newer"
else
  java=$(command -v java) || fail "java not found: expected a JDK 17 or newer on the PATH or in JAVA_HOME"
fi
version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
[ "${version:-0}" -ge 17 ] || fail "expected a JDK 17 or newer, got Java ${version:-of unknown version} ($java)"

if [ ! -f "$stamp" ] || [ -n "$(find "$home/pom.xml" "$home"/*/pom.xml "$home"/*/src/main -newer "$stamp" -print | head -n 1)" ]; then
  command -v mvn >/dev/null || fail 'mvn not found: expected Maven 3.8 or newer on the PATH, to build the benchmarks'
  echo 'benchmarks: building; the first time fetches the peers, 500 MB' >&2
  # The stamp carries the time the build began: a source changed during it is newer.
  mkdir -p "$home/benchmarks/target"
  : >"$stamp.began"
  (cd "$home" && mvn -q -B -ntp -Pbenchmarks -pl benchmarks -am -DskipTests package) >&2 || fail 'the build failed; its output is above'
  mv "$stamp.began" "$stamp"
fi
classpath="$home/benchmarks/target/lib/*"

# Native code is what the peers are made of; JDKs that warn of it are told so.
set -- --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp "$classpath" "$@"
if [ "$version" -ge 23 ]; then
  set -- --sun-misc-unsafe-memory-access=allow "$@"
fi
