/* One row of a request trace, as each of the three formats writes it. Readers take the whole row or none of it. */
#ifndef SERVE_TRACE_ROW_H
#define SERVE_TRACE_ROW_H

#include <stdbool.h>

typedef struct trace_row {
  double at_s; /* since a moment that is the same for the whole file */
  double input_tokens, output_tokens;
} trace_row;

/* Reads one line, without its line end; false where it is no row of the format. */
typedef bool trace_row_reader(const char *line, trace_row *row);

/* The reader of the format that the first line of a file shows; NULL where it is none of them. */
trace_row_reader *trace_format(const char *first_line, bool *is_header);

#endif
