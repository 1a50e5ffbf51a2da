/*
 * The pool of functions that dlsym hands out for phase 2 of operators. All have phase 2's one signature and differ only in
 * the number that they pass on: each compiles to a move and a jump. Made in advance, so that no memory has to be both
 * written and executed.
 */
#include "aclnn/operators.h"

#define STUB(n)                                                                                                   \
  static aclnnStatus stub_##n(void *workspace, uint64_t bytes, aclOpExecutor *executor, aclrtStream stream) {      \
    return fx_operator_run(0x##n##u, workspace, bytes, executor, stream);                                         \
  }
#define NAME(n) stub_##n,

#define SIXTEEN(X, p)                                                                                              \
  X(p##0) X(p##1) X(p##2) X(p##3) X(p##4) X(p##5) X(p##6) X(p##7) X(p##8) X(p##9) X(p##a) X(p##b) X(p##c) X(p##d) \
  X(p##e) X(p##f)
#define ROW(X, p)                                                                                              \
  SIXTEEN(X, p##0) SIXTEEN(X, p##1) SIXTEEN(X, p##2) SIXTEEN(X, p##3) SIXTEEN(X, p##4) SIXTEEN(X, p##5)       \
  SIXTEEN(X, p##6) SIXTEEN(X, p##7) SIXTEEN(X, p##8) SIXTEEN(X, p##9) SIXTEEN(X, p##a) SIXTEEN(X, p##b)       \
  SIXTEEN(X, p##c) SIXTEEN(X, p##d) SIXTEEN(X, p##e) SIXTEEN(X, p##f)
#define ALL(X) ROW(X, 0) ROW(X, 1) ROW(X, 2) ROW(X, 3) ROW(X, 4) ROW(X, 5) ROW(X, 6) ROW(X, 7)

ALL(STUB)

const fx_phase2_fn fx_stubs[FX_STUBS] = {ALL(NAME)};
