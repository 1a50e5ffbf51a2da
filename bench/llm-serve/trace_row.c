/* The three row formats. Numbers are plain decimal ones: what strtod takes besides (hex, infinity) is no trace. */
#include "trace_row.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool number(const char **at, double *value) {
  const char *digits = **at == '-' ? *at + 1 : *at; /* a negative count is a number; that it makes no sense is said later */
  if (!isdigit((unsigned char)*digits) || digits[1] == 'x' || digits[1] == 'X') return false;
  char *end;
  *value = strtod(*at, &end);
  *at = end;
  return isfinite(*value);
}

static bool literal(const char **at, char c) {
  if (**at != c) return false;
  (*at)++;
  return true;
}

/* Exactly so many digits. */
static bool digits(const char **at, int count, int *value) {
  *value = 0;
  for (; count > 0; count--, (*at)++) {
    if (!isdigit((unsigned char)**at)) return false;
    *value = *value * 10 + (**at - '0');
  }
  return true;
}

/* Whether a CSV row may end here: further columns are not ours. */
static bool ends(const char *at) { return *at == '\0' || *at == ','; }

/* Days from 0000-03-01 in the Gregorian calendar; years begin in March, so that leap days come last. */
static int64_t days(int year, int month, int day) {
  int64_t y = month <= 2 ? year - 1 : year, m = (month + 9) % 12;
  return y * 365 + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1;
}

/* "2023-11-16 18:17:03.9799600", also with "+00:00" behind, as Azure's later traces have it. */
static bool timestamp(const char **at, double *at_s) {
  int year, month, day, hour, minute;
  double second;
  bool read = digits(at, 4, &year) && literal(at, '-') && digits(at, 2, &month) && literal(at, '-') && digits(at, 2, &day) &&
              literal(at, ' ') && digits(at, 2, &hour) && literal(at, ':') && digits(at, 2, &minute) && literal(at, ':') &&
              number(at, &second);
  if (!read || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || !(second >= 0 && second < 61))
    return false;
  if (strncmp(*at, "+00:00", 6) == 0) *at += 6;
  *at_s = (double)(days(year, month, day) * 86400 + hour * 3600 + minute * 60) + second;
  return true;
}

static bool azure(const char *line, trace_row *r) {
  return timestamp(&line, &r->at_s) && literal(&line, ',') && number(&line, &r->input_tokens) && literal(&line, ',') &&
         number(&line, &r->output_tokens) && ends(line);
}

static bool servegen(const char *line, trace_row *r) {
  return number(&line, &r->at_s) && literal(&line, ',') && number(&line, &r->input_tokens) && literal(&line, ',') &&
         number(&line, &r->output_tokens) && ends(line);
}

static void spaces(const char **at) {
  while (**at == ' ' || **at == '\t') (*at)++;
}

/* Behind a JSON string that begins here. */
static bool skip_string(const char **at) {
  if (!literal(at, '"')) return false;
  for (; **at != '"'; (*at)++) {
    if (**at == '\\') (*at)++;
    if (**at == '\0') return false;
  }
  (*at)++;
  return true;
}

/* Behind a value of the object, nested ones whole; their inside is looked at no closer than their brackets. */
static bool skip_value(const char **at) {
  int depth = 0;
  for (;; ) {
    char c = **at;
    if (c == '\0' || (depth == 0 && (c == ',' || c == '}'))) return c != '\0';
    if (c == '"') {
      if (!skip_string(at)) return false;
      continue;
    }
    if (c == '[' || c == '{') depth++;
    if (c == ']' || c == '}') depth--;
    if (depth < 0) return false;
    (*at)++;
  }
}

static bool mooncake(const char *line, trace_row *r) {
  double ms = 0;
  struct {
    const char *name;
    double *value;
    bool found;
  } fields[] = {{"\"timestamp\"", &ms, false}, {"\"input_length\"", &r->input_tokens, false}, {"\"output_length\"", &r->output_tokens, false}};
  if (!literal(&line, '{')) return false;
  do {
    spaces(&line);
    const char *key = line;
    if (!skip_string(&line)) return false;
    size_t length = (size_t)(line - key);
    spaces(&line);
    if (!literal(&line, ':')) return false;
    spaces(&line);
    bool wanted = false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
      if (strlen(fields[i].name) != length || strncmp(fields[i].name, key, length) != 0) continue;
      if (!number(&line, fields[i].value)) return false;
      fields[i].found = wanted = true;
    }
    if (!wanted && !skip_value(&line)) return false;
    spaces(&line);
  } while (literal(&line, ','));
  r->at_s = ms / 1000.0;
  if (!literal(&line, '}')) return false;
  spaces(&line);
  return *line == '\0' && fields[0].found && fields[1].found && fields[2].found;
}

static bool begins(const char *line, const char *columns) {
  size_t length = strlen(columns);
  return strncmp(line, columns, length) == 0 && ends(line + length);
}

trace_row_reader *trace_format(const char *first_line, bool *is_header) {
  *is_header = *first_line != '{';
  if (!*is_header) return mooncake;
  if (begins(first_line, "TIMESTAMP,ContextTokens,GeneratedTokens")) return azure;
  if (begins(first_line, "arrival_s,input_tokens,output_tokens")) return servegen;
  return NULL;
}
