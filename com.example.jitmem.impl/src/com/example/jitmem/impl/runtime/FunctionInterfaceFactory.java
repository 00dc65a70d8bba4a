// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.WrongMethodTypeException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes the objects of one hidden class that implements a functional interface by a handle. The
/// first argument of the handle is a field of the object; the handle itself is class data, so the
/// JIT compiler sees a constant.
///
/* The class may belong to a loader that does not know the classes of this bundle, so the field is
 * an Object. */
final class FunctionInterfaceFactory {
  private static final String FIELD = "first";
  private static final MethodTypeDesc INIT_TYPE =
      MethodTypeDesc.of(ConstantDescs.CD_void, CD_Object);
  private static final DirectMethodHandleDesc CLASS_DATA_AT =
      ConstantDescs.ofConstantBootstrap(
          MethodHandles.class.describeConstable().orElseThrow(),
          "classDataAt",
          CD_Object,
          ConstantDescs.CD_int);

  private @Nullable MethodHandle constructor;

  private FunctionInterfaceFactory() {}

  /// Makes an object.
  ///
  /// @param first the first argument of its calls
  Object make(Object first) {
    try {
      return Objects.requireNonNull(constructor).invokeExact(first);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A hidden class could not be instantiated", e);
    }
  }

  /// Defines a hidden class.
  ///
  /// @throws IllegalArgumentException if the interface cannot be implemented by the handle
  static FunctionInterfaceFactory define(
      MethodHandles.Lookup lookup, Class<?> type, MethodHandle shared) {
    List<Method> methods = methodsToImplement(lookup, type);
    FunctionInterfaceFactory factory = new FunctionInterfaceFactory();
    List<Object> data = new ArrayList<>();
    for (Method method : methods) {
      data.add(handleFor(method, shared));
    }
    data.add(factory);
    try {
      MethodHandles.Lookup made =
          lookup.defineHiddenClassWithClassData(
              classFile(lookup.lookupClass(), type, methods), List.copyOf(data), true);
      factory.constructor =
          made.findConstructor(made.lookupClass(), MethodType.methodType(void.class, Object.class))
              .asType(MethodType.methodType(Object.class, Object.class));
      return factory;
    } catch (IllegalAccessException | NoSuchMethodException | LinkageError e) {
      throw new IllegalArgumentException(
          type.getName() + " cannot be implemented in the package of " + lookup.lookupClass(), e);
    }
  }

  /// The abstract methods: one, or several of one name that differ as bridges do.
  private static List<Method> methodsToImplement(MethodHandles.Lookup lookup, Class<?> type) {
    if (!type.isInterface() || type.isAnnotation()) {
      throw new IllegalArgumentException(type.getName() + " is not an interface");
    }
    if (type.isSealed()) {
      throw new IllegalArgumentException(type.getName() + " is sealed: it permits no other class");
    }
    if (type.isHidden()) {
      throw new IllegalArgumentException(type.getName() + " is hidden: no class can name it");
    }
    if (!lookup.hasFullPrivilegeAccess()) {
      throw new IllegalArgumentException(
          "The lookup lacks full privilege access: pass MethodHandles.lookup()");
    }
    checkAccess(lookup, type);
    List<Method> methods = new ArrayList<>();
    for (Method method : type.getMethods()) {
      if (Modifier.isAbstract(method.getModifiers()) && !isOfObject(method)) {
        methods.add(method);
      }
    }
    long names = methods.stream().map(Method::getName).distinct().count();
    long counts = methods.stream().map(Method::getParameterCount).distinct().count();
    if (names != 1 || counts != 1) {
      throw new IllegalArgumentException(
          type.getName()
              + " is not a functional interface: it has "
              + (methods.isEmpty() ? "no" : "more than one")
              + " abstract method");
    }
    return methods;
  }

  private static void checkAccess(MethodHandles.Lookup lookup, Class<?> type) {
    try {
      lookup.accessClass(type);
      if (lookup.findClass(type.getName()) != type) {
        throw new ClassNotFoundException(type.getName());
      }
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(
          type.getName() + " is not accessible to " + lookup.lookupClass().getName(), e);
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalArgumentException(
          lookup.lookupClass().getName()
              + " does not see this "
              + type.getName()
              + ": pass the lookup of a class that does",
          e);
    }
  }

  private static boolean isOfObject(Method method) {
    try {
      Object.class.getMethod(method.getName(), method.getParameterTypes());
      return true;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  private static MethodHandle handleFor(Method method, MethodHandle shared) {
    MethodType wanted =
        MethodType.methodType(method.getReturnType(), method.getParameterTypes())
            .insertParameterTypes(0, Object.class);
    try {
      return shared.asType(wanted);
    } catch (WrongMethodTypeException e) {
      throw new IllegalArgumentException(
          method
              + " does not match the function, whose Java form is "
              + shared.type().dropParameterTypes(0, 1),
          e);
    }
  }

  private static byte[] classFile(Class<?> host, Class<?> type, List<Method> methods) {
    ClassDesc self = ClassDesc.of(host.getPackageName(), "Function");
    return ClassFile.of()
        .build(
            self,
            builder -> {
              builder
                  .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                  .withInterfaceSymbols(type.describeConstable().orElseThrow())
                  .withField(FIELD, CD_Object, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL)
                  .withMethodBody(INIT_NAME, INIT_TYPE, 0, code -> initialize(code, self));
              for (int i = 0; i < methods.size(); i++) {
                implement(builder, self, methods.get(i), i);
              }
            });
  }

  private static void initialize(CodeBuilder code, ClassDesc self) {
    code.aload(0)
        .invokespecial(CD_Object, INIT_NAME, MTD_void)
        .aload(0)
        .aload(1)
        .putfield(self, FIELD, CD_Object)
        .return_();
  }

  /// `return handle.invokeExact(first, arguments…)`
  private static void implement(ClassBuilder builder, ClassDesc self, Method method, int index) {
    MethodType type = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
    MethodTypeDesc desc = type.describeConstable().orElseThrow();
    builder.withMethodBody(
        method.getName(),
        desc,
        ClassFile.ACC_PUBLIC,
        code -> {
          code.loadConstant(
                  DynamicConstantDesc.ofNamed(
                      CLASS_DATA_AT, ConstantDescs.DEFAULT_NAME, CD_MethodHandle, index))
              .aload(0)
              .getfield(self, FIELD, CD_Object);
          int slot = 1;
          for (ClassDesc parameter : desc.parameterList()) {
            TypeKind kind = TypeKind.from(parameter);
            code.loadLocal(kind, slot);
            slot += kind.slotSize();
          }
          code.invokevirtual(
                  CD_MethodHandle, "invokeExact", desc.insertParameterTypes(0, CD_Object))
              .return_(TypeKind.from(desc.returnType()));
        });
  }
}
