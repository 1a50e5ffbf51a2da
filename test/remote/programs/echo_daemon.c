/*
 * A daemon for tests of the client only: speaks docs/daemon.md over one socket, takes records in the order of tickets,
 * writes what it took to a log, one line a record, and answers calls from a small table. It schedules nothing, knows no
 * device, and keeps "device" memory in its own heap. Options make it slow, refuse, or die at a chosen call.
 *
 *   echo_daemon SOCKET LOG [slow-us=N] [refuse=ERROR] [die-at=API] [gone-at=API] [sleepy=1]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "echo_answers.h"

#define RINGS 64
#define PINS 64
#define CLIENTS 8

static echo_ring rings[RINGS];
static echo_pin pins[PINS];
static int clients[CLIENTS];
static char pending[CLIENTS][4096];
static size_t pending_bytes[CLIENTS];
static FILE *out;
static long slow_us, refuse, die_at, gone_at;
static bool sleepy;
static uint32_t next_ticket = 1;
static _Atomic uint32_t *bell;

#define WORD(ring, name) ((_Atomic uint32_t *)(void *)&(ring)->header->name)

static void require(bool condition, const char *what) {
  if (condition) return;
  fprintf(out, "{\"violation\":\"%s\"}\n", what);
  fflush(out);
  _exit(70);
}

void *echo_host_address(const echo_ring *r, uint64_t address, uint64_t bytes) {
  if (address >> 48 == FLEXNPU_DATA_TAG) {
    uint64_t offset = address & 0xffffffffffffu;
    require(offset + bytes <= FLEXNPU_RING_DATA_BYTES, "a copy beyond the data area");
    return r->memory + FLEXNPU_RING_DATA_AT + offset;
  }
  for (int i = 0; i < PINS; i++)
    if (pins[i].memory != NULL && address >= pins[i].address && address + bytes <= pins[i].address + pins[i].bytes)
      return pins[i].memory + (address - pins[i].address);
  require(false, "a host address that is neither pinned nor in the data area");
  return NULL;
}

static void *map_file(const char *path, uint64_t bytes, bool exact) {
  struct stat status;
  int file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  require(file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode), "no such file");
  require((status.st_mode & 0777) == 0600 && status.st_uid == getuid(), "a file that others may touch");
  require(exact ? (uint64_t)status.st_size == bytes : (uint64_t)status.st_size >= bytes, "a file of the wrong size");
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  require(memory != MAP_FAILED, "a file that cannot be mapped");
  close(file);
  unlink(path);
  return memory;
}

static void add_ring(const char *path, char *answer, size_t room) {
  int i = 0;
  while (i < RINGS && rings[i].memory != NULL) i++;
  require(i < RINGS, "more rings than a test has");
  echo_ring *r = &rings[i];
  *r = (echo_ring){.memory = map_file(path, FLEXNPU_RING_FILE_BYTES, true)};
  r->header = (flexnpu_ring_header *)(void *)r->memory;
  require(r->header->magic == FLEXNPU_RING_MAGIC && r->header->version == FLEXNPU_RING_VERSION, "a ring without its magic");
  require(r->header->records == FLEXNPU_RING_RECORDS && r->header->thread != 0, "a ring header that is not filled in");
  snprintf(answer, room, "{\"ring\":%d}\n", i);
}

static void add_pin(const char *path, unsigned long long address, unsigned long long bytes, char *answer, size_t room) {
  int i = 0;
  while (i < PINS && pins[i].memory != NULL) i++;
  require(i < PINS, "more pinned files than a test has");
  pins[i] = (echo_pin){.memory = map_file(path, bytes, false), .address = address, .bytes = bytes};
  snprintf(answer, room, "{\"pin\":%d}\n", i);
}

static void message(int client, const char *line) {
  char path[256], answer[256] = "{\"refused\":500000,\"why\":\"not understood\"}\n";
  unsigned long long address, bytes;
  unsigned thread;
  int number;
  fprintf(out, "{\"message\":%s}\n", line);
  if (strncmp(line, "{\"hello\":1,", 11) == 0) {
    if (refuse != 0) snprintf(answer, sizeof answer, "{\"refused\":%ld,\"why\":\"not \\\"you\\\"\"}\n", refuse);
    else snprintf(answer, sizeof answer, "{\"welcome\":1,\"device\":0,\"soc\":\"Ascend910B2\",\"device_count\":3}\n");
  } else if (sscanf(line, "{\"ring\":\"%255[^\"]\",\"thread\":%u}", path, &thread) == 2) add_ring(path, answer, sizeof answer);
  else if (sscanf(line, "{\"pin\":\"%255[^\"]\",\"address\":\"0x%llx\",\"bytes\":%llu}", path, &address, &bytes) == 3)
    add_pin(path, address, bytes, answer, sizeof answer);
  else if (sscanf(line, "{\"unpin\":\"0x%llx\"}", &address) == 1) {
    for (int i = 0; i < PINS; i++)
      if (pins[i].memory != NULL && pins[i].address == address) {
        munmap(pins[i].memory, pins[i].bytes);
        pins[i].memory = NULL;
      }
    snprintf(answer, sizeof answer, "{\"unpin\":\"0x%llx\"}\n", address);
  } else if (sscanf(line, "{\"leave\":%d}", &number) == 1 && number >= 0 && number < RINGS && rings[number].memory != NULL) {
    rings[number].left = true; /* given up when its records are taken */
    snprintf(answer, sizeof answer, "{\"leave\":%d}\n", number);
  }
  require(write(clients[client], answer, strlen(answer)) == (ssize_t)strlen(answer), "an answer that cannot be sent");
}

static void hear(int client) {
  char *text = pending[client];
  size_t *bytes = &pending_bytes[client];
  ssize_t got = read(clients[client], text + *bytes, sizeof pending[client] - 1 - *bytes);
  if (got <= 0) {
    close(clients[client]);
    clients[client] = -1;
    fprintf(out, "{\"closed\":%d}\n", client);
    return;
  }
  *bytes += (size_t)got;
  text[*bytes] = '\0';
  for (char *end; (end = strchr(text, '\n')) != NULL;) {
    *end = '\0';
    message(client, text);
    *bytes -= (size_t)(end + 1 - text);
    memmove(text, end + 1, *bytes + 1);
  }
}

static void log_record(int ring, const echo_record *r, const uint8_t *args) {
  fprintf(out,
          "{\"ring\":%d,\"ticket\":%u,\"kind\":%u,\"api\":\"%s\",\"stream\":%u,\"sync\":%u,\"args_length\":%u,\"op_class\":%u,"
          "\"key\":\"%llx\",\"blocks\":%u,\"args_bytes\":%u,\"bytes\":%llu,\"evidence\":%u,\"args\":\"",
          ring, r->ring.ticket, r->ring.kind, echo_api_name(r->ring.api), r->ring.stream, r->ring.sync_object, r->ring.args_length,
          r->ring.op_class, r->ring.kind == FLEXNPU_EVENT_OP_SUBMIT ? (unsigned long long)r->event.op_submit.key : 0ull,
          r->event.op_submit.blocks, r->event.op_submit.args_bytes, (unsigned long long)r->event.op_submit.bytes,
          r->event.op_submit.evidence);
  for (uint32_t i = 0; i < r->ring.args_length && i < 320; i++) fprintf(out, "%02x", args[i]);
  fputs("\"}\n", out);
}

static void answer(echo_ring *r, const echo_record *record, const uint8_t *args) {
  uint32_t bytes = 0;
  int error = echo_answer(r, record, args, r->memory + FLEXNPU_RING_REPLY_AT, &bytes);
  r->header->reply_error = (uint32_t)error;
  r->header->reply_bytes = bytes;
  atomic_store(WORD(r, reply_seq), record->ring.call_seq);
  if (atomic_load(WORD(r, reply_waiter)) != 0) syscall(SYS_futex, WORD(r, reply_seq), FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Takes the record whose turn it is, if it is there. */
static bool take_one(void) {
  for (int i = 0; i < RINGS; i++) {
    echo_ring *r = &rings[i];
    if (r->memory == NULL) continue;
    uint32_t head = atomic_load_explicit(WORD(r, head), memory_order_acquire);
    require(head - r->tail <= FLEXNPU_RING_RECORDS, "more records than places");
    if (head == r->tail) {
      if (!r->left) continue;
      munmap(r->memory, FLEXNPU_RING_FILE_BYTES);
      r->memory = NULL;
      continue;
    }
    const echo_record *slots = (const echo_record *)(const void *)(r->memory + FLEXNPU_RING_RECORDS_AT);
    echo_record record = slots[r->tail % FLEXNPU_RING_RECORDS];
    if (record.ring.ticket != next_ticket) continue;
    uint32_t place = record.ring.args_at % FLEXNPU_RING_ARGS_BYTES;
    require(record.ring.args_length % 8 == 0 && place + record.ring.args_length <= FLEXNPU_RING_ARGS_BYTES, "arguments that wrap");
    const uint8_t *args = r->memory + FLEXNPU_RING_ARGS_AT + place;
    next_ticket++;
    log_record(i, &record, args);
    if (record.ring.api == die_at) {
      fflush(out);
      _exit(0);
    }
    if (record.ring.api == gone_at) atomic_store(WORD(r, gone), 1);
    else if (record.ring.kind == FLEXNPU_RING_CALL) answer(r, &record, args);
    else echo_carry_out(r, &record, args);
    if (slow_us > 0 && record.ring.kind == FLEXNPU_EVENT_OP_SUBMIT && next_ticket % 64 == 0) usleep((useconds_t)slow_us);
    r->tail++;
    atomic_store_explicit(WORD(r, args_done), record.ring.args_at + record.ring.args_length, memory_order_release);
    atomic_store_explicit(WORD(r, tail), r->tail, memory_order_release);
    return true;
  }
  return false;
}

static void options(int count, char **texts) {
  for (int i = 0; i < count; i++) {
    char *value = strchr(texts[i], '=');
    if (value == NULL) exit(64);
    *value++ = '\0';
    if (strcmp(texts[i], "slow-us") == 0) slow_us = atol(value);
    else if (strcmp(texts[i], "refuse") == 0) refuse = atol(value);
    else if (strcmp(texts[i], "die-at") == 0) die_at = echo_api_number(value);
    else if (strcmp(texts[i], "gone-at") == 0) gone_at = echo_api_number(value);
    else if (strcmp(texts[i], "sleepy") == 0) sleepy = true;
    else exit(64);
  }
}

static void make_bell(const char *path) {
  char name[256];
  snprintf(name, sizeof name, "%s.bell", path);
  int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || ftruncate(file, 4) != 0) exit(65);
  void *memory = mmap(NULL, 4, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) exit(65);
  bell = memory;
}

static bool anything_published(void) {
  for (int i = 0; i < RINGS; i++)
    if (rings[i].memory != NULL && atomic_load(WORD(&rings[i], head)) != rings[i].tail) return true;
  return false;
}

/* Nothing to take: sleeps on the bell, where asked for. A record that came meanwhile has to ring it. */
static void idle(void) {
  if (!sleepy) {
    usleep(20);
    return;
  }
  atomic_store(bell, 1);
  if (anything_published()) { /* before the bell said so: nobody has to ring for it */
    atomic_store(bell, 0);
    return;
  }
  struct timespec limit = {.tv_nsec = 10000000};
  syscall(SYS_futex, (uint32_t *)bell, FUTEX_WAIT, 1, &limit, NULL, 0);
  /* The client may be just between publishing and ringing. */
  for (int looks = 0; anything_published() && atomic_load(bell) != 0; looks++) {
    require(looks < 10000, "a record that rang no bell");
    usleep(100);
  }
  if (atomic_exchange(bell, 0) == 0) fprintf(out, "{\"rung\":1}\n");
}

int main(int count, char **texts) {
  if (count < 3 || (out = fopen(texts[2], "we")) == NULL) return 64;
  options(count - 3, texts + 3);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", texts[1]);
  int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  make_bell(texts[1]);
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 8) != 0) return 66;
  for (int i = 0; i < CLIENTS; i++) clients[i] = -1;
  puts("listening");
  fflush(stdout);
  for (uint64_t turn = 0;; turn++) {
    bool took = take_one();
    if (took && turn % 32 != 0) continue;
    struct pollfd look[CLIENTS + 1] = {{.fd = server, .events = POLLIN}};
    for (int i = 0; i < CLIENTS; i++) look[i + 1] = (struct pollfd){.fd = clients[i], .events = POLLIN};
    if (poll(look, CLIENTS + 1, 0) > 0) {
      for (int i = 0; i < CLIENTS; i++) {
        if (clients[i] >= 0 && look[i + 1].revents != 0) hear(i);
        else if (clients[i] < 0 && look[0].revents != 0) {
          clients[i] = accept(server, NULL, NULL);
          look[0].revents = 0;
        }
      }
    }
    fflush(out);
    if (!took) idle();
  }
}
