// SPDX-License-Identifier: Apache-2.0
extern int b_fn(int); extern int shared_state; int a_fn(int x) { shared_state++; return x <= 0 ? 1 : b_fn(x - 1) * 2; } __attribute__((weak)) int choice(void) { return 1; } int a_choice(void) { return choice(); }
