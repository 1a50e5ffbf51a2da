/*
 * The recorder. Frames go straight to the file with write(2), so that what was flushed survives a killed process; the
 * tail after it is at most FX_RECORD_EVENTS events or the flush interval of the completion thread.
 */
#include "record/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/config.h"
#include "boot/counters.h"
#include "engine/core.h"
#include "record/crc32.h"

#define PAGE 4096u

static void stop(fx_recorder *r, const char *what) {
  fx_fault("recording stopped at byte %llu: %s: %s", (unsigned long long)r->offset, what, strerror(errno));
  close(r->fd);
  __atomic_store_n(&r->fd, -1, __ATOMIC_RELAXED);
}

static bool put(fx_recorder *r, const void *data, size_t bytes) {
  const uint8_t *p = data;
  while (bytes > 0) {
    ssize_t n = write(r->fd, p, bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      stop(r, "write");
      return false;
    }
    p += n;
    bytes -= (size_t)n;
    r->offset += (uint64_t)n;
  }
  return true;
}

static void put_frame(fx_recorder *r, uint32_t type, uint32_t count, uint64_t first_seq, const void *payload,
                      size_t bytes) {
  if (!fx_recorder_on(r)) return;
  flexnpu_frame_header h = {.magic = FLEXNPU_FRAME_MAGIC, .type = type, .payload_bytes = (uint32_t)bytes,
                            .count = count, .first_seq = first_seq, .payload_crc32 = fx_crc32(payload, bytes)};
  h.header_crc32 = fx_crc32(&h, offsetof(flexnpu_frame_header, header_crc32));
  if (r->index_count == r->index_size) {
    size_t size = r->index_size == 0 ? 256 : r->index_size * 2;
    fx_frame_index *index = realloc(r->index, size * sizeof *index);
    if (index == NULL) {
      stop(r, "frame index");
      return;
    }
    r->index = index;
    r->index_size = size;
  }
  r->index[r->index_count++] =
      (fx_frame_index){.offset = r->offset, .first_seq = first_seq, .type = type, .count = count};
  if (put(r, &h, sizeof h)) (void)put(r, payload, bytes);
}

static void json_string(FILE *out, const char *text) {
  fputc('"', out);
  for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
    if (*c == '"' || *c == '\\') fprintf(out, "\\%c", *c);
    else if (*c < 0x20) fprintf(out, "\\u%04x", *c);
    else fputc(*c, out);
  fputc('"', out);
}

static char *header_json(int32_t device) {
  const fx_config *config = fx_config_get();
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return NULL;
  fprintf(out, "{\"host\":\"shim\",\"pid\":%ld,\"device\":%d,\"policy\":", (long)getpid(), device);
  json_string(out, config->policy_name);
  fputs(",\"policy_params\":[", out);
  for (int i = 0; i < 4; i++) fprintf(out, "%s%llu", i > 0 ? "," : "", (unsigned long long)config->parameters[i]);
  fputs("],\"argv\":[", out);
  FILE *cmdline = fopen("/proc/self/cmdline", "re");
  char *argument = NULL;
  size_t size = 0;
  for (int i = 0; cmdline != NULL && getdelim(&argument, &size, '\0', cmdline) > 0; i++) {
    if (i > 0) fputc(',', out);
    json_string(out, argument);
  }
  free(argument);
  if (cmdline != NULL) fclose(cmdline);
  fputs("]}", out);
  return fclose(out) == 0 ? text : NULL;
}

/* The first device of the process records into the file asked for, others beside it. */
static void file_path(char *path, const char *asked, int32_t device) {
  static atomic_int first = -1;
  int expected = -1;
  if (atomic_compare_exchange_strong(&first, &expected, device) || expected == device)
    (void)snprintf(path, PATH_MAX, "%s", asked);
  else (void)snprintf(path, PATH_MAX, "%s.device%d", asked, device);
}

/* Never writes over a file: where there is one (another process of the same run), the name gets our process number. */
static int create(char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd >= 0 || errno != EEXIST) return fd;
  size_t length = strlen(path);
  (void)snprintf(path + length, PATH_MAX - length, ".%ld", (long)getpid());
  return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

void fx_recorder_open(fx_recorder *r, int32_t device, uint64_t start_unix_ns) {
  *r = (fx_recorder){.fd = -1};
  const char *asked = fx_config_get()->record_path;
  if (asked == NULL) return;
  char path[PATH_MAX];
  file_path(path, asked, device);
  r->event_buffer = malloc(FX_RECORD_EVENTS * sizeof *r->event_buffer);
  r->decision_buffer = malloc(FX_RECORD_DECISIONS * sizeof *r->decision_buffer + sizeof(uint64_t));
  char *json = header_json(device);
  if (r->event_buffer != NULL && r->decision_buffer != NULL && json != NULL)
    r->fd = create(path);
  if (r->fd < 0) {
    fx_fault("FLEXNPU_RECORD=%s cannot be written: %s", path, strerror(errno));
    free(json);
    return;
  }
  r->opened = true;
  uint8_t header[FLEXNPU_LOG_HEADER_BYTES] = {0};
  flexnpu_log_header h = {.version = FLEXNPU_LOG_VERSION, .json_bytes = (uint32_t)strlen(json),
                          .start_unix_ns = start_unix_ns, .json_crc32 = fx_crc32(json, strlen(json))};
  memcpy(header, &h, sizeof h);
  memcpy(header, FLEXNPU_LOG_MAGIC, 8);
  memcpy(header + FLEXNPU_CORE_HASH_AT, fx_core_sha256, FLEXNPU_CORE_HASH_BYTES);
  uint32_t crc = fx_crc32(header, offsetof(flexnpu_log_header, header_crc32));
  memcpy(header + offsetof(flexnpu_log_header, header_crc32), &crc, sizeof crc);
  if (put(r, header, sizeof header)) (void)put(r, json, strlen(json));
  free(json);
}

void fx_recorder_flush(fx_recorder *r, fx_core *core) {
  if (!fx_recorder_on(r)) return;
  if (r->event_count > 0) {
    put_frame(r, FLEXNPU_FRAME_EVENTS, r->event_count, r->events - r->event_count + 1, r->event_buffer,
              r->event_count * sizeof *r->event_buffer);
    r->event_count = 0;
  }
  if (r->decision_count > 0) {
    uint64_t hash = fx_core_decision_hash(core);
    size_t bytes = r->decision_count * sizeof *r->decision_buffer;
    memcpy((uint8_t *)r->decision_buffer + bytes, &hash, sizeof hash);
    put_frame(r, FLEXNPU_FRAME_DECISIONS, r->decision_count, r->decisions - r->decision_count + 1, r->decision_buffer,
              bytes + sizeof hash);
    r->decision_count = 0;
  }
}

static void put_snapshot(fx_recorder *r, fx_core *core) {
  static const uint8_t zero[PAGE];
  uint32_t bytes;
  const uint8_t *state = fx_core_state(core, &bytes);
  uint8_t *payload = state != NULL ? malloc(8 + (size_t)(bytes / PAGE + 1) * (PAGE + 8)) : NULL;
  if (payload == NULL) return; /* a recording without this snapshot is whole; it seeks more slowly */
  uint32_t pages = 0;
  uint8_t *at = payload + 8;
  memcpy(payload, &bytes, 4);
  memset(payload + 4, 0, 4);
  for (uint32_t page = 0; page * PAGE < bytes; page++) {
    uint32_t left = bytes - page * PAGE, size = left < PAGE ? left : PAGE;
    if (memcmp(state + page * PAGE, zero, size) == 0) continue;
    memcpy(at, &page, 4);
    memset(at + 4, 0, 4 + PAGE);
    memcpy(at + 8, state + page * PAGE, size);
    at += 8 + PAGE;
    pages++;
  }
  put_frame(r, FLEXNPU_FRAME_SNAPSHOT, pages, r->events + 1, payload, (size_t)(at - payload));
  free(payload);
}

/* The hash behind a frame's decisions is that of the core after its run: a frame ends where a run does. */
void fx_recorder_take(fx_recorder *r, fx_core *core, const flexnpu_event *events, uint32_t event_count,
                      const flexnpu_decision *decisions, uint32_t decision_count) {
  if (!fx_recorder_on(r)) return;
  memcpy(&r->event_buffer[r->event_count], events, event_count * sizeof *events);
  memcpy(&r->decision_buffer[r->decision_count], decisions, decision_count * sizeof *decisions);
  r->event_count += event_count;
  r->decision_count += decision_count;
  bool snapshot = r->events / FX_SNAPSHOT_EVENTS != (r->events + event_count) / FX_SNAPSHOT_EVENTS;
  r->events += event_count;
  r->decisions += decision_count;
  if (snapshot || r->event_count + FX_CORE_EVENTS > FX_RECORD_EVENTS ||
      r->decision_count + FLEXNPU_OUTBOX_RECORDS > FX_RECORD_DECISIONS)
    fx_recorder_flush(r, core);
  if (snapshot && fx_recorder_on(r)) put_snapshot(r, core);
}

void fx_recorder_name(fx_recorder *r, fx_core *core, uint32_t kind, uint64_t id, const char *name) {
  if (!fx_recorder_on(r)) return;
  uint8_t payload[16 + 256] = {0};
  uint32_t length = (uint32_t)strnlen(name, 255);
  memcpy(payload, &kind, 4);
  memcpy(payload + 4, &length, 4);
  memcpy(payload + 8, &id, 8);
  memcpy(payload + 16, name, length);
  fx_recorder_flush(r, core);
  put_frame(r, FLEXNPU_FRAME_NAMES, 1, r->events + 1, payload, 16 + (length + 7u) / 8u * 8u);
}

void fx_recorder_close(fx_recorder *r, fx_core *core) {
  if (fx_recorder_on(r)) {
    fx_recorder_flush(r, core);
    char *counts = fx_counts_json();
    if (counts != NULL) put_frame(r, FLEXNPU_FRAME_STATS, 1, r->events + 1, counts, strlen(counts));
    free(counts);
  }
  if (fx_recorder_on(r)) {
    struct {
      uint64_t events, decisions, decision_hash, state_hash, frames;
    } totals = {r->events, r->decisions, fx_core_decision_hash(core), fx_core_state_hash(core), r->index_count};
    size_t frames = r->index_count, bytes = sizeof totals + frames * 24;
    uint8_t *payload = malloc(bytes);
    uint64_t footer = r->offset;
    if (payload != NULL) {
      memcpy(payload, &totals, sizeof totals);
      for (size_t i = 0; i < frames; i++) {
        uint8_t *at = payload + sizeof totals + i * 24;
        memcpy(at, &r->index[i].offset, 8);
        memcpy(at + 8, &r->index[i].type, 4);
        memcpy(at + 12, &r->index[i].count, 4);
        memcpy(at + 16, &r->index[i].first_seq, 8);
      }
      put_frame(r, FLEXNPU_FRAME_FOOTER, (uint32_t)frames, r->events + 1, payload, bytes);
      free(payload);
    }
    if (fx_recorder_on(r) && payload != NULL) {
      (void)put(r, &footer, sizeof footer);
      if (fx_recorder_on(r)) (void)put(r, FLEXNPU_TRAILER_MAGIC, 8);
    }
  }
  if (fx_recorder_on(r)) close(r->fd);
  __atomic_store_n(&r->fd, -1, __ATOMIC_RELAXED);
  free(r->event_buffer);
  free(r->decision_buffer);
  free(r->index);
  r->event_buffer = NULL;
  r->decision_buffer = NULL;
  r->index = NULL;
}
