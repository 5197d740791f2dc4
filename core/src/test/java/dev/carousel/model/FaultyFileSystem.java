package dev.carousel.model;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * The file system of the machine, in which one operation that changes something does not happen.
 * Operations are counted from 1: a file opened for writing, bytes written, data forced to the disk,
 * a directory made, a move, a deletion. Nothing is really forced, which only power failures would
 * notice.
 */
public final class FaultyFileSystem extends FileSystem {
  /** What happens to the operation. */
  private enum Fault {
    /** Half of what is to be written is, and nothing happens any more, as after {@code kill -9}. */
    KILL,
    /** It fails, and all later ones work. */
    FAILURE
  }

  /** Thrown in place of the operation at which the process is killed, and of all after it. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final FileSystem real;
  private final Provider provider;
  private final Fault fault;
  private final int at;
  private int operations;

  private FaultyFileSystem(FileSystem real, Fault fault, int at) {
    this.real = real;
    this.fault = fault;
    this.at = at;
    this.provider = new Provider();
  }

  /** A file system under a process that is killed at its {@code operation}th operation. */
  public static FaultyFileSystem killedAt(Path path, int operation) {
    return new FaultyFileSystem(path.getFileSystem(), Fault.KILL, operation);
  }

  /** A file system whose {@code operation}th operation fails. */
  public static FaultyFileSystem failingAt(Path path, int operation) {
    return new FaultyFileSystem(path.getFileSystem(), Fault.FAILURE, operation);
  }

  /** The same place, reached through this file system. */
  public Path path(Path path) {
    return (Path)
        Proxy.newProxyInstance(
            FaultyFileSystem.class.getClassLoader(),
            new Class<?>[] {Path.class, Wrapped.class},
            (self, method, arguments) -> {
              if (method.getName().equals("unwrapped")) {
                return path;
              }
              if (method.getName().equals("getFileSystem")) {
                return this;
              }
              try {
                return wrapped(method.invoke(path, unwrappedAll(arguments)));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private interface Wrapped {
    Path unwrapped();
  }

  private Object wrapped(Object result) {
    return result instanceof Path path ? path(path) : result;
  }

  private static Object[] unwrappedAll(Object[] arguments) {
    if (arguments == null) {
      return new Object[0];
    }
    Object[] unwrapped = arguments.clone();
    for (int i = 0; i < unwrapped.length; i++) {
      unwrapped[i] = unwrapped[i] instanceof Wrapped path ? path.unwrapped() : unwrapped[i];
    }
    return unwrapped;
  }

  private static Path unwrapped(Path path) {
    return path instanceof Wrapped wrapped ? wrapped.unwrapped() : path;
  }

  /** Counts an operation that is about to happen. */
  private void operation() throws IOException {
    operations++;
    if (operations == at && fault == Fault.FAILURE) {
      throw new IOException("operation " + at + " failed");
    }
    if (operations >= at && fault == Fault.KILL) {
      throw new Killed();
    }
  }

  private final class Provider extends FileSystemProvider {
    private final FileSystemProvider delegate = real.provider();

    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      if (options.contains(StandardOpenOption.WRITE)) {
        operation();
      }
      return new Channel(delegate.newFileChannel(unwrapped(path), options, attributes));
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
      DirectoryStream<Path> stream =
          delegate.newDirectoryStream(unwrapped(directory), path -> filter.accept(path(path)));
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          Iterator<Path> paths = stream.iterator();
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return paths.hasNext();
            }

            @Override
            public Path next() {
              return path(paths.next());
            }
          };
        }

        @Override
        public void close() throws IOException {
          stream.close();
        }
      };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
      operation();
      delegate.createDirectory(unwrapped(directory), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
      operation();
      delegate.delete(unwrapped(path));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
      operation();
      delegate.copy(unwrapped(source), unwrapped(target), options);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
      operation();
      delegate.move(unwrapped(source), unwrapped(target), options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
        throws IOException {
      operation();
      delegate.setAttribute(unwrapped(path), attribute, value, options);
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
      return delegate.isSameFile(unwrapped(path), unwrapped(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
      return delegate.isHidden(unwrapped(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
      return delegate.getFileStore(unwrapped(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      delegate.checkAccess(unwrapped(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return delegate.getFileAttributeView(unwrapped(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      return delegate.readAttributes(unwrapped(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
        throws IOException {
      return delegate.readAttributes(unwrapped(path), names, options);
    }

    @Override
    public String getScheme() {
      return "faulty";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
      throw new UnsupportedOperationException();
    }
  }

  private final class Channel extends FileChannel {
    private final FileChannel delegate;

    Channel(FileChannel delegate) {
      this.delegate = delegate;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      if (operations + 1 == at) {
        int end = from.limit();
        delegate.write(from.limit(from.position() + from.remaining() / 2));
        from.limit(end);
      }
      operation();
      return delegate.write(from);
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
      operation();
      return delegate.write(from, offset, length);
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
      operation();
      return delegate.write(from, position);
    }

    @Override
    public void force(boolean metadata) throws IOException {
      operation();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      operation();
      delegate.truncate(size);
      return this;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel to) throws IOException {
      return delegate.transferTo(position, count, to);
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long position, long count)
        throws IOException {
      operation();
      return delegate.transferFrom(from, position, count);
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
      return delegate.read(to);
    }

    @Override
    public long read(ByteBuffer[] to, int offset, int length) throws IOException {
      return delegate.read(to, offset, length);
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
      return delegate.read(to, position);
    }

    @Override
    public long position() throws IOException {
      return delegate.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      delegate.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return delegate.size();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return delegate.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return delegate.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return delegate.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      delegate.close();
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {}

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return real.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return real.getFileStores();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return real.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return path(real.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    throw new UnsupportedOperationException();
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return real.getUserPrincipalLookupService();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
