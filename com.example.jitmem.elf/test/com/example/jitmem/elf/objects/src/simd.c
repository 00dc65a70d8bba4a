// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
__attribute__((target("avx2,fma"))) float dot(const float *a, const float *b, long n) {
  __m256 s = _mm256_set_ps(1, 2, 3, 4, 5, 6, 7, 8); __m256i idx = _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0);
  for (long i = 0; i + 8 <= n; i += 8) s = _mm256_fmadd_ps(_mm256_permutevar8x32_ps(_mm256_loadu_ps(a + i), idx), _mm256_loadu_ps(b + i), s);
  float t[8]; _mm256_storeu_ps(t, s); float r = 0; for (int i = 0; i < 8; i++) r += t[i]; return r; }
#endif
void scale(double *p, long n) { for (long i = 0; i < n; i++) p[i] = p[i] * 3.25 + (double) (i & 7); }
int popc(const int *p, int n) { int s = 0; for (int i = 0; i < n; i++) s += __builtin_popcount(p[i]); return s; }
