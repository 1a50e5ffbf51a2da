/*
 * What is known of an operator before the real library sees it, so that an error comes at the call that it would come at
 * without FlexNPU, and not with a synchronization later.
 */
#ifndef FX_VERDICT_H
#define FX_VERDICT_H

struct fx_device;
struct fx_op_meta;

typedef enum {
  FX_VERDICT_RIGHT,   /* the real library will take it */
  FX_VERDICT_WRONG,   /* it will not */
  FX_VERDICT_UNKNOWN, /* nothing is known against it; so for functions that no program calls in numbers */
} fx_verdict;

/* `args` is the record that fx_exec takes. May ask the real library: not under the device's lock. */
fx_verdict fx_verdict_of(struct fx_device *d, struct fx_op_meta *meta, const void *args);

#endif
