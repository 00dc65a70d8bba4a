// SPDX-License-Identifier: Apache-2.0

/// The configurations as people edit them in the Web Console, by a real browser.
@NullMarked
package com.example.jitmem.test.webconsole;

import org.jspecify.annotations.NullMarked;
