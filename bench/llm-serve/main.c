/*
 * An LLM serving program on AscendCL: Qwen2.5-7B, continuous batching, prefill and decode on two streams of one process, or
 * in two processes.
 * It replays a request trace in real time and prints one JSON object of what its users would see.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "serve.h"

typedef struct samples {
  double *values;
  size_t count;
} samples;

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Nearest-rank percentile of sorted values. */
static double percentile(const samples *s, double p) {
  if (s->count == 0) return 0;
  size_t rank = (size_t)(p / 100.0 * (double)s->count + 0.9999999);
  return s->values[rank == 0 ? 0 : rank - 1];
}

static void print_distribution(const char *name, samples *s) {
  double sum = 0;
  qsort(s->values, s->count, sizeof *s->values, by_value);
  for (size_t i = 0; i < s->count; i++) sum += s->values[i];
  printf("\"%s\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"mean\":%.3f},", name, percentile(s, 50), percentile(s, 90),
         percentile(s, 99), s->count > 0 ? sum / (double)s->count : 0);
}

static void print_launches(const launch_clock *a, const launch_clock *b) {
  uint64_t count = a->count + b->count, seen = 0, median = 0;
  while (median < LAUNCH_BUCKETS - 1 && (seen += a->buckets[median] + b->buckets[median]) * 2 < count) median++;
  printf("\"launches\":%llu,\"launch_ns\":{\"mean\":%.1f,\"p50\":%llu},", (unsigned long long)count,
         count > 0 ? (double)(a->sum_ns + b->sum_ns) / (double)count : 0, (unsigned long long)median);
}

static void report(const server *s) {
  samples ttft = {host_array(s->common->count, sizeof(double)), 0}, tpot = {host_array(s->common->count, sizeof(double)), 0};
  uint64_t input = 0, output = 0, begin = UINT64_MAX, end = 0, checksum = 0;
  for (uint32_t i = 0; i < s->common->count; i++) {
    const request *r = &s->common->requests[i];
    input += r->input_tokens;
    output += r->sampled_tokens;
    if (r->arrival_ns < begin) begin = r->arrival_ns;
    if (r->last_token_ns > end) end = r->last_token_ns;
    checksum += r->digest * (2ull * i + 1); /* of all tokens and logits, whatever the order of requests */
    ttft.values[ttft.count++] = (double)(r->first_token_ns - r->arrival_ns) / 1e6;
    if (r->output_tokens > 1)
      tpot.values[tpot.count++] = (double)(r->last_token_ns - r->first_token_ns) / 1e6 / (r->output_tokens - 1);
  }
  double seconds = (double)(end - begin) / 1e9;
  printf("{\"requests\":%u,\"completed\":%u,\"prompt_tokens\":%llu,\"output_tokens\":%llu,\"wall_s\":%.3f,", s->common->count,
         atomic_load(&s->common->finished), (unsigned long long)input, (unsigned long long)output, seconds);
  printf("\"output_tok_s\":%.3f,\"total_tok_s\":%.3f,", (double)output / seconds, (double)(input + output) / seconds);
  print_distribution("ttft_ms", &ttft);
  print_distribution("tpot_ms", &tpot);
  printf("\"prefill_steps\":%llu,\"decode_steps\":%llu,", (unsigned long long)s->common->prefill_steps, (unsigned long long)s->common->decode_steps);
  printf("\"prefill_busy_s\":%.3f,\"decode_busy_s\":%.3f,", (double)s->common->prefill_busy_ns / 1e9, (double)s->common->decode_busy_ns / 1e9);
  print_launches(s->is_apart ? &s->common->prefill_clock : &s->prefill.clock, &s->decode.clock);
  printf("\"checksum\":\"%016llx\"}\n", (unsigned long long)checksum);
  free(ttft.values);
  free(tpot.values);
}

int main(int argc, char **argv) {
  static server s;
  s.options = options_read(argc, argv);
  trace t = trace_read(s.options.trace, s.options.seconds);
  if (s.options.processes == 2) server_run_apart(&s, &t);
  else server_run(&s, &t);
  report(&s);
  if (!s.is_apart) worker_end(&s.prefill);
  worker_end(&s.decode);
  model_end(&s.model);
  free(t.requests);
  ACL(aclrtResetDevice(0));
  ACL(aclFinalize());
  return 0;
}
