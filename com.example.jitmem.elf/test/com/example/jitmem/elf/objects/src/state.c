// SPDX-License-Identifier: Apache-2.0
// .data, .bss, pointers in data, external data
extern int ext_counter; extern int ext_add(int, int); extern char **environ;
static int calls = 100; long total; static char buf[10000]; int (*hook)(int, int) = ext_add; int *where = &ext_counter;
__attribute__((aligned(64))) int table[16] = {1, 2, 3};
int bump(int d) { calls += d; total += calls; buf[calls & 8191] = (char) d; table[d & 15]++; return calls; }
long get_total(void) { return total; }
int use_ext(int a, int b) { ext_counter += 1; return hook(a, b) + *where + ext_add(a, b); }
char **env(void) { return environ; }
const void *self(void) { return (const void *) &bump; }
