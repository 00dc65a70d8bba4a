// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static com.example.jitmem.testing.MachineCode.CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.SUM_TYPE;
import static com.example.jitmem.testing.MachineCode.constant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.impl.allocator.OwnedAllocator;
import com.example.jitmem.testing.GarbageCollection;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Functions as instances of functional interfaces.
@OnLinux
@Timeout(120)
class FunctionInterfaceTest {
  private static final MethodHandles.Lookup HERE = MethodHandles.lookup();

  private final OwnedAllocator allocator = Allocators.real();
  private final JitRuntime runtime = new DefaultJitRuntimeFactory().create(allocator);

  /// Has what a functional interface may have beside its method.
  interface WithMore {
    int NUMBER = 3;

    int get();

    default int twice() {
      return 2 * get();
    }

    static int number() {
      return NUMBER;
    }

    @Override
    boolean equals(Object other);

    @Override
    String toString();
  }

  interface Generic<T> {
    T get();
  }

  interface Bridged extends Generic<Integer> {
    @Override
    Integer get();
  }

  interface Inherited extends IntSupplier {}

  interface Checked {
    int get() throws IOException;
  }

  private interface Hidden {
    int get();
  }

  sealed interface Sealed {
    int get();

    record Only(int get) implements Sealed {}
  }

  interface Two {
    int get();

    int other();
  }

  interface None {}

  @interface Annotation {
    int value();
  }

  private JitFunction constantOf(int value) {
    return runtime.add(constant(value), CONSTANT_TYPE);
  }

  @Test
  void interfacesOfTheJdkCallTheFunction() throws Exception {
    try (JitFunction function = constantOf(42)) {
      assertThat(function.as(IntSupplier.class).getAsInt()).isEqualTo(42);
      assertThat(function.as(LongSupplier.class).getAsLong()).isEqualTo(42);
      assertThat(function.as(Supplier.class).get()).isEqualTo(42);
      assertThat(function.as(Callable.class).call()).isEqualTo(42);
      function.as(Runnable.class).run();
    }
  }

  @Test
  void argumentsArriveInTheirPlaces() {
    try (JitFunction function = runtime.add(MachineCode.sum(), SUM_TYPE)) {
      assertThat(function.as(IntBinaryOperator.class).applyAsInt(40, 2)).isEqualTo(42);
      @SuppressWarnings("unchecked")
      BinaryOperator<Integer> boxed = function.as(BinaryOperator.class);
      assertThat(boxed.apply(40, 2)).isEqualTo(42);
      assertThatThrownBy(() -> function.as(IntSupplier.class))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("IntSupplier")
          .hasMessageContaining("(int,int)int");
    }
  }

  @Test
  void anyFunctionalInterfaceIsImplementedByTheLookupOfItsUser() throws Exception {
    try (JitFunction function = constantOf(42)) {
      assertThat(function.as(HERE, WithMore.class).twice()).isEqualTo(84);
      assertThat(function.as(HERE, WithMore.class).toString()).contains("Function");
      assertThat(WithMore.number()).isEqualTo(3);
      assertThat(function.as(HERE, Bridged.class).get()).isEqualTo(42);
      Generic<Integer> generic = function.as(HERE, Bridged.class);
      assertThat(generic.get()).isEqualTo(42);
      assertThat(function.as(HERE, Inherited.class).getAsInt()).isEqualTo(42);
      assertThat(function.as(HERE, Checked.class).get()).isEqualTo(42);
      assertThat(function.as(HERE, Hidden.class).get()).isEqualTo(42);
      assertThat(function.as(HERE, IntSupplier.class).getAsInt()).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @ValueSource(
      classes = {Sealed.class, Two.class, None.class, Annotation.class, String.class, int[].class})
  void whatIsNoFunctionalInterfaceIsRefusedByName(Class<?> type) {
    try (JitFunction function = constantOf(1)) {
      assertThatThrownBy(() -> function.as(HERE, type))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(type.getName());
    }
  }

  @Test
  void aLookupWithoutFullAccessIsRefused() {
    try (JitFunction function = constantOf(1)) {
      assertThatThrownBy(() -> function.as(MethodHandles.publicLookup(), IntSupplier.class))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("MethodHandles.lookup()");
      assertThatThrownBy(() -> function.as(HERE.in(String.class), IntSupplier.class))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = CallSafety.class,
      names = {"PROTECTED", "CHECKED"})
  void aCallAfterTheEndThrows(CallSafety safety) {
    JitFunction function =
        runtime.add(
            MemorySegment.ofArray(constant(1)),
            CONSTANT_TYPE,
            FunctionOptions.defaults().withSafety(safety));
    IntSupplier supplier = function.as(IntSupplier.class);
    assertThat(supplier.getAsInt()).isEqualTo(1);
    function.close();

    assertThatThrownBy(supplier::getAsInt).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void functionsOfOneTypeShareAClass() {
    try (JitFunction one = constantOf(1);
        JitFunction two = constantOf(2)) {
      IntSupplier first = one.as(IntSupplier.class);
      IntSupplier second = two.as(IntSupplier.class);
      assertThat(first.getClass()).isSameAs(second.getClass());
      assertThat(first.getAsInt()).isEqualTo(1);
      assertThat(second.getAsInt()).isEqualTo(2);
    }
  }

  @Test
  void anInstanceKeepsItsFunction() {
    IntSupplier supplier = constantOf(7).as(IntSupplier.class);
    GarbageCollection.repeat(3);
    assertThat(supplier.getAsInt()).isEqualTo(7);

    supplier = () -> 0;
    GarbageCollection.repeatUntil(() -> allocator.statistics().spanCount() == 0);
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(supplier.getAsInt()).isZero();
  }

  @Test
  void loadersOfUsersAreFreed() throws Exception {
    try (JitFunction function = constantOf(7)) {
      List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
      for (int i = 0; i < Integer.getInteger("jitmem.test.loaders", 50); i++) {
        loaders.add(new WeakReference<>(useFromALoaderOfItsOwn(function)));
      }
      GarbageCollection.repeatUntil(
          () -> loaders.stream().allMatch(loader -> loader.refersTo(null)));
      assertThat(loaders).allMatch(loader -> loader.refersTo(null));
    }
  }

  /// What a bundle does that implements an interface of its own.
  public static final class User {
    /// The interface, which only the loader of this class knows.
    public interface Mine {
      /// Calls the function.
      int get();
    }

    private User() {}

    /// Calls a function through it.
    public static int call(JitFunction function) {
      return function.as(MethodHandles.lookup(), Mine.class).get();
    }
  }

  private static ClassLoader useFromALoaderOfItsOwn(JitFunction function) throws Exception {
    ClassLoader loader = new OwnLoader();
    Class<?> user = Class.forName(User.class.getName(), true, loader);
    assertThat(user).isNotSameAs(User.class);
    assertThat(user.getMethod("call", JitFunction.class).invoke(null, function)).isEqualTo(7);
    assertThatThrownBy(() -> function.as(HERE, firstInterface(user)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lookup of a class that does");
    return loader;
  }

  private static Class<?> firstInterface(Class<?> user) {
    return user.getClasses()[0];
  }

  /// Defines the classes of the user itself.
  private static final class OwnLoader extends ClassLoader {
    OwnLoader() {
      super(FunctionInterfaceTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(User.class.getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = Objects.requireNonNull(getParent()).getResourceAsStream(file)) {
        byte[] bytes = Objects.requireNonNull(in).readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
