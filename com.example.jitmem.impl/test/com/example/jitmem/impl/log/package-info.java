// SPDX-License-Identifier: Apache-2.0
@NullMarked
package com.example.jitmem.impl.log;

import org.jspecify.annotations.NullMarked;
