// SPDX-License-Identifier: Apache-2.0
// .rodata constants, jump table switch, libm call, two mutually recursive functions
extern double exp(double); extern double fabs(double);
static const double coeff[4] = {1.5, -2.25, 3.125, 0.0625};
const char names[][8] = {"alpha", "beta", "gamma", "delta"};
const char *const label[4] = {"one", "two", "three", "four"};   // .data.rel.ro
int is_odd(unsigned n);
__attribute__((noinline)) int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }
__attribute__((noinline)) int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }
double poly(double x) { double r = 0; for (int i = 3; i >= 0; i--) r = r * x + coeff[i]; return r; }
int dispatch(int op, int a, int b) {
  switch (op) {
    case 0: return a + b; case 1: return a - b; case 2: return a * b; case 3: return a & b;
    case 4: return a | b; case 5: return a ^ b; case 6: return a << (b & 31); case 7: return a >> (b & 31);
    case 8: return b ? a / b : 0; case 9: return b ? a % b : 0; case 10: return ~a; default: return -1; }
}
double softplusish(double x) { return exp(fabs(x) * coeff[0]) + poly(x) + is_even((unsigned) x); }
const char *name(int i) { return label[i & 3]; }
