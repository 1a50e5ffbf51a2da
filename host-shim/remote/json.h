/*
 * The daemon's replies: one line, one flat object of numbers and short strings. Whatever is anything else is refused as a
 * whole, so that a reply is understood entirely or not at all.
 */
#ifndef FX_REMOTE_JSON_H
#define FX_REMOTE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FX_JSON_MEMBERS 12
#define FX_JSON_NAME_BYTES 32
#define FX_JSON_TEXT_BYTES 256

typedef struct fx_json_member {
  char name[FX_JSON_NAME_BYTES];
  char text[FX_JSON_TEXT_BYTES]; /* of a string */
  bool is_text;
  uint64_t number; /* of a number, or of a string of hexadecimal digits ("0x...") */
  bool is_number;
} fx_json_member;

typedef struct fx_json {
  fx_json_member members[FX_JSON_MEMBERS];
  uint32_t count;
} fx_json;

/* Parses the line (without its end); false where it is no flat object. */
bool fx_json_parse(fx_json *json, const char *line, size_t bytes);

/* The number of that name, true where there is one. */
bool fx_json_number(const fx_json *json, const char *name, uint64_t *number);

/* The string of that name, or NULL. */
const char *fx_json_text(const fx_json *json, const char *name);

#endif
