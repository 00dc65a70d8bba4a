// SPDX-License-Identifier: Apache-2.0
extern int a_fn(int); int shared_state = 40; int b_fn(int x) { return x <= 0 ? 3 : a_fn(x - 1) + shared_state; } int choice(void) { return 2; }
