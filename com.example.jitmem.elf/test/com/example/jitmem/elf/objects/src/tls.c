// SPDX-License-Identifier: Apache-2.0
__thread int tl = 5; static __thread long tl2; extern __thread int tle;
int get_tls(void) { tl2++; return tl++ + (int) tl2; }
int get_tls_ext(void) { return tle; }
