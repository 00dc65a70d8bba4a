// SPDX-License-Identifier: Apache-2.0
extern int weakfn(int) __attribute__((weak));
__attribute__((weak)) int weakdef(int a) { return a + 1; }
__attribute__((visibility("protected"))) int prot(int a) { return a + 2; }
__attribute__((visibility("hidden"))) int hid(int a) { return a + 3; }
int common_var[4];
static int impl_a(int a) { return a * 2; }
static int (*resolve_f(void))(int) { return impl_a; }
int ifn(int) __attribute__((ifunc("resolve_f")));
__attribute__((constructor)) static void init(void) { common_var[0] = 7; }
__attribute__((destructor)) static void fini(void) { common_var[0] = 8; }
int all(int a) { return (weakfn ? weakfn(a) : -1) + weakdef(a) + prot(a) + hid(a) + ifn(a) + common_var[0]; }
int setjmpy(int n) { void *t[] = {&&a, &&b, &&c}; goto *t[n % 3]; a: return 1; b: return 2; c: return 3; }
