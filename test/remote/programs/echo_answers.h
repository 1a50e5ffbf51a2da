/* What the echo daemon answers and carries out, by function; echo_daemon.c is the protocol around it. */
#ifndef ECHO_ANSWERS_H
#define ECHO_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "records.h"
#include "ring_layout.h"

typedef union echo_record {
  flexnpu_ring_record ring;
  flexnpu_event event;
} echo_record;

typedef struct echo_ring {
  uint8_t *memory;
  flexnpu_ring_header *header;
  uint32_t tail;
  bool left;
} echo_ring;

typedef struct echo_pin {
  uint8_t *memory;
  uint64_t address, bytes;
} echo_pin;

const char *echo_api_name(uint32_t api);
long echo_api_number(const char *name);

/* The host's side of a copy as this process sees it. */
void *echo_host_address(const echo_ring *r, uint64_t address, uint64_t bytes);

/* Writes the answer of a call; its error. */
int echo_answer(echo_ring *r, const echo_record *record, const uint8_t *args, uint8_t *reply, uint32_t *bytes);

/* Carries out an operator that moves bytes. */
void echo_carry_out(echo_ring *r, const echo_record *record, const uint8_t *args);

#endif
