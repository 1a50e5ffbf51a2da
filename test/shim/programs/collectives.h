/* What the fake HCCL of these tests (fake_hccl.c) and the program that calls it share. */
#ifndef COLLECTIVES_H
#define COLLECTIVES_H

#include "hccl/hccl.h"
#include "program.h"

typedef struct fake_comm {
  aclrtFuncHandle append;
  device_log *log;
  aclrtStream own;
  aclrtEvent begin, end;
} fake_comm;

#endif
