/*
 * Callbacks: operators whose function runs in the program, on a thread of its own (aclrtProcessReport) or of the real
 * library's. A stream has one kind of them or the other, so the real library's refusals are asked for at once; and the
 * thread of a stream leaves it only when the callbacks that were issued before have been handed over.
 */
#include "boot/counters.h"
#include "engine/submit.h"
#include "real_table.h"
#include "stream/stream.h"

enum { NOBODY, THREAD_OF_PROGRAM, THREAD_OF_LIBRARY };

static void note(fx_stream *s, int runner) { atomic_store_explicit(&s->callbacks_on, runner, memory_order_relaxed); }
static int runner(fx_stream *s) { return atomic_load_explicit(&s->callbacks_on, memory_order_relaxed); }

FX_EXPORT aclError aclrtSubscribeReport(uint64_t threadId, aclrtStream stream) {
  FX_COUNT(aclrtSubscribeReport);
  fx_stream *s = fx_stream_of(stream);
  fx_drain(s);
  aclError error = fx_real.aclrtSubscribeReport(threadId, stream);
  if (error == ACL_SUCCESS) note(s, THREAD_OF_PROGRAM);
  return error;
}

FX_EXPORT aclError aclrtUnSubscribeReport(uint64_t threadId, aclrtStream stream) {
  FX_COUNT(aclrtUnSubscribeReport);
  fx_stream *s = fx_stream_of(stream);
  fx_drain(s);
  aclError error = fx_real.aclrtUnSubscribeReport(threadId, stream);
  if (error == ACL_SUCCESS) note(s, NOBODY);
  return error;
}

FX_EXPORT aclError aclrtLaunchCallback(aclrtCallback fn, void *userData, aclrtCallbackBlockType blockType, aclrtStream stream) {
  FX_COUNT(aclrtLaunchCallback);
  fx_stream *s = fx_stream_of(stream);
  if (FX_LIKELY(fx_credit_take(s))) return fx_real.aclrtLaunchCallback(fn, userData, blockType, stream);
  bool known = blockType == ACL_CALLBACK_BLOCK || blockType == ACL_CALLBACK_NO_BLOCK;
  if (FX_UNLIKELY(fn == NULL || !known || runner(s) != THREAD_OF_PROGRAM)) {
    fx_drain(s);
    return fx_real.aclrtLaunchCallback(fn, userData, blockType, stream);
  }
  fx_args_aclrtLaunchCallback args = {.fn = fn, .userData = userData, .blockType = blockType, .stream = stream};
  fx_op_meta meta = {.api = FX_API_aclrtLaunchCallback, .op_class = FLEXNPU_OP_CLASS_CALLBACK};
  return fx_submit(s, &meta, &args, sizeof args);
}

FX_EXPORT aclError aclrtLaunchHostFunc(aclrtStream stream, aclrtHostFunc fn, void *args) {
  FX_COUNT(aclrtLaunchHostFunc);
  fx_stream *s = fx_stream_of(stream);
  if (FX_LIKELY(fx_credit_take(s))) return fx_real.aclrtLaunchHostFunc(stream, fn, args);
  if (FX_UNLIKELY(fn == NULL || runner(s) != THREAD_OF_LIBRARY)) {
    /* The first of a stream tells whether it may have them at all. */
    fx_drain(s);
    aclError error = fx_real.aclrtLaunchHostFunc(stream, fn, args);
    if (error == ACL_SUCCESS) note(s, THREAD_OF_LIBRARY);
    return error;
  }
  fx_args_aclrtLaunchHostFunc held = {.stream = stream, .fn = fn, .args = args};
  fx_op_meta meta = {.api = FX_API_aclrtLaunchHostFunc, .op_class = FLEXNPU_OP_CLASS_CALLBACK};
  return fx_submit(s, &meta, &held, sizeof held);
}
