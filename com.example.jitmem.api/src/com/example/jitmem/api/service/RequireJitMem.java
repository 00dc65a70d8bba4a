// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.service;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Requirement;

/// Makes a bundle require an implementation of this API, so that a resolver adds one.
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.PACKAGE})
@Requirement(
    namespace = "osgi.implementation",
    name = JitMemConstants.IMPLEMENTATION_NAME,
    version = JitMemConstants.IMPLEMENTATION_VERSION)
public @interface RequireJitMem {}
