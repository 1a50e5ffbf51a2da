/*
 * Events between graphs and what runs outside of them. Captured, a record or wait passes like everything of a capture;
 * what the graph does to the event is kept. A run of it that has to wait its turn goes between operators that stand for
 * its waits and records, so that the core keeps the order of the events as it does among streams.
 */
#include <stdlib.h>

#include "boot/config.h"
#include "engine/submit.h"
#include "real_table.h"
#include "stream/ties.h"

/* What the real library said of it, and which graph it is a node of if that was well. */
static aclError note(aclError error, aclrtStream stream, aclrtEvent event, bool records) {
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  aclmdlRI graph = NULL;
  if (error == ACL_SUCCESS) (void)fx_real.aclmdlRICaptureGetInfo(stream, &status, &graph);
  if (event != NULL && (graph != NULL || !fx_event_tied(event))) fx_tie_add(graph, (fx_tie){.event = event, .records = records});
  return error;
}

FX_EXPORT aclError aclrtRecordEventWithFlag(aclrtEvent event, aclrtStream stream, uint32_t flag) {
  FX_COUNT(aclrtRecordEventWithFlag);
  fx_stream *s = fx_stream_of(stream);
  if (event == NULL || flag != ACL_EVENT_RECORD_DEFAULT) {
    fx_drain(s);
    return note(fx_real.aclrtRecordEventWithFlag(event, stream, flag), stream, event, true);
  }
  if (FX_LIKELY(fx_credit_take(s))) return fx_real.aclrtRecordEventWithFlag(event, stream, flag);
  fx_args_aclrtRecordEventWithFlag args = {.event = event, .stream = stream, .flag = flag};
  fx_op_meta meta = {.api = FX_API_aclrtRecordEventWithFlag, .op_class = FLEXNPU_OP_CLASS_EVENT_RECORD, .event = event};
  return fx_submit(s, &meta, &args, sizeof args);
}

FX_EXPORT aclError aclrtStreamWaitEventWithFlag(aclrtStream stream, aclrtEvent event, uint32_t timeout, uint32_t flag) {
  FX_COUNT(aclrtStreamWaitEventWithFlag);
  fx_stream *s = fx_stream_of(stream);
  if (event == NULL || flag != ACL_EVENT_WAIT_DEFAULT) {
    fx_drain(s);
    return note(fx_real.aclrtStreamWaitEventWithFlag(stream, event, timeout, flag), stream, event, false);
  }
  if (FX_LIKELY(fx_credit_take(s))) return fx_real.aclrtStreamWaitEventWithFlag(stream, event, timeout, flag);
  fx_args_aclrtStreamWaitEventWithFlag args = {.stream = stream, .event = event, .timeout = timeout, .flag = flag};
  fx_op_meta meta = {.api = FX_API_aclrtStreamWaitEventWithFlag, .op_class = FLEXNPU_OP_CLASS_EVENT_WAIT, .event = event};
  return fx_submit(s, &meta, &args, sizeof args);
}

aclError exec_aclrtRecordEventWithFlag(const void *record) {
  const fx_args_aclrtRecordEventWithFlag *a = record;
  return a->flag == FX_TIED ? ACL_SUCCESS : fx_real.aclrtRecordEventWithFlag(a->event, a->stream, a->flag);
}

aclError exec_aclrtStreamWaitEventWithFlag(const void *record) {
  const fx_args_aclrtStreamWaitEventWithFlag *a = record;
  return a->flag == FX_TIED ? ACL_SUCCESS : fx_real.aclrtStreamWaitEventWithFlag(a->stream, a->event, a->timeout, a->flag);
}

aclError exec_aclmdlRIExecuteAsync(const void *record) {
  const fx_args_aclmdlRIExecuteAsync *a = record;
  return fx_real.aclmdlRIExecuteAsync(a->modelRI, a->stream);
}

/* What a run waits for stands before it, what it records behind it. */
static void stand_in(fx_stream *s, aclrtStream stream, const fx_ties *ties, bool records) {
  for (uint32_t i = 0; i < ties->count; i++) {
    aclrtEvent event = ties->ties[i].event;
    if (ties->ties[i].records != records) continue;
    if (records) {
      fx_args_aclrtRecordEventWithFlag args = {.event = event, .stream = stream, .flag = FX_TIED};
      fx_op_meta meta = {.api = FX_API_aclrtRecordEventWithFlag, .op_class = FLEXNPU_OP_CLASS_EVENT_RECORD, .event = event};
      (void)fx_submit(s, &meta, &args, sizeof args);
    } else {
      fx_args_aclrtStreamWaitEventWithFlag args = {.stream = stream, .event = event, .flag = FX_TIED};
      fx_op_meta meta = {.api = FX_API_aclrtStreamWaitEventWithFlag, .op_class = FLEXNPU_OP_CLASS_EVENT_WAIT, .event = event};
      (void)fx_submit(s, &meta, &args, sizeof args);
    }
  }
}

/* The daemon's core keeps that order by the same stand-ins; its answers say nothing that the run's own does not. */
static aclError through_daemon(aclmdlRI graph, aclrtStream stream) {
  fx_ties ties = fx_ties_of(graph);
  for (uint32_t i = 0; i < ties.count; i++)
    if (!ties.ties[i].records) (void)fx_real.aclrtStreamWaitEventWithFlag(stream, ties.ties[i].event, 0, FX_TIED);
  aclError error = fx_real.aclmdlRIExecuteAsync(graph, stream);
  for (uint32_t i = 0; error == ACL_SUCCESS && i < ties.count; i++)
    if (ties.ties[i].records) (void)fx_real.aclrtRecordEventWithFlag(ties.ties[i].event, stream, FX_TIED);
  free(ties.ties);
  return error;
}

FX_EXPORT aclError aclmdlRIExecuteAsync(aclmdlRI modelRI, aclrtStream stream) {
  FX_COUNT(aclmdlRIExecuteAsync);
  fx_stream *s = fx_stream_of(stream);
  if (FX_LIKELY(fx_credit_take(s))) {
    if (FX_UNLIKELY(fx_ties_any()) && fx_config_get()->daemon_path != NULL) return through_daemon(modelRI, stream);
    return fx_real.aclmdlRIExecuteAsync(modelRI, stream);
  }
  if (FX_UNLIKELY(modelRI == NULL)) {
    fx_drain(s);
    return fx_real.aclmdlRIExecuteAsync(modelRI, stream);
  }
  fx_args_aclmdlRIExecuteAsync args = {.modelRI = modelRI, .stream = stream};
  fx_op_meta meta = {.api = FX_API_aclmdlRIExecuteAsync, .op_class = FLEXNPU_OP_CLASS_GRAPH};
  fx_ties ties = fx_ties_of(modelRI);
  stand_in(s, stream, &ties, false);
  aclError error = fx_submit(s, &meta, &args, sizeof args);
  if (error == ACL_SUCCESS) stand_in(s, stream, &ties, true);
  free(ties.ties);
  return error;
}
