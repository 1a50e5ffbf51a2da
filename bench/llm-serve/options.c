/* The command line, by getopt_long. */
#include "options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"

static const char usage[] =
    "usage: llm-serve --trace FILE --kernels FILE [options]\n"
    "Serves the requests of a trace with Qwen2.5-7B on device 0, in real time, and prints one JSON object.\n"
    "  --trace FILE             Azure CSV, ServeGen CSV or Mooncake JSON lines\n"
    "  --kernels FILE           kernel binary\n"
    "  --seconds S              only requests of the first S seconds of the trace; 0, the default: all\n"
    "  --rate R                 arrivals R times as fast as in the trace (1)\n"
    "  --max-prefill-tokens N   tokens of one prefill step (8192)\n"
    "  --max-batch N            requests in one decode step (256)\n"
    "  --processes N            1, or 2: prefill and decode in a process each, the cache handed over (1)\n"
    "  --progress               lines `progress DONE TOTAL` on standard error\n";

static double number(const char *name, const char *text, double low, double high) {
  char *end;
  double value = strtod(text, &end);
  if (!isdigit((unsigned char)*text) || *end != '\0' || !(value >= low && value <= high))
    fail(2, "--%s %s: a number from %g to %g is needed", name, text, low, high);
  return value;
}

static uint32_t whole_number(const char *name, const char *text, uint32_t low, uint32_t high) {
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  if (!isdigit((unsigned char)*text) || *end != '\0' || value < low || value > high)
    fail(2, "--%s %s: a whole number from %u to %u is needed", name, text, low, high);
  return (uint32_t)value;
}

options options_read(int argc, char **argv) {
  static const struct option known[] = {{"trace", required_argument, NULL, 't'},
                                        {"kernels", required_argument, NULL, 'k'},
                                        {"seconds", required_argument, NULL, 's'},
                                        {"rate", required_argument, NULL, 'r'},
                                        {"max-prefill-tokens", required_argument, NULL, 'p'},
                                        {"max-batch", required_argument, NULL, 'b'},
                                        {"processes", required_argument, NULL, 'n'},
                                        {"progress", no_argument, NULL, 'P'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  options o = {.rate = 1, .max_prefill_tokens = 8192, .max_batch = 256, .processes = 1};
  for (int c; (c = getopt_long(argc, argv, "h", known, NULL)) != -1;) switch (c) {
      case 't': o.trace = optarg; break;
      case 'k': o.kernels = optarg; break;
      case 's': o.seconds = number("seconds", optarg, 0, 1e7); break;
      case 'r': o.rate = number("rate", optarg, 1e-3, 1e6); break;
      case 'p': o.max_prefill_tokens = whole_number("max-prefill-tokens", optarg, 16, 65536); break;
      case 'b': o.max_batch = whole_number("max-batch", optarg, 1, 4096); break;
      case 'n': o.processes = whole_number("processes", optarg, 1, 2); break;
      case 'P': o.progress = true; break;
      case 'h': fputs(usage, stdout); exit(0);
      default: fputs(usage, stderr); exit(2);
    }
  if (optind != argc) fail(2, "%s: no such argument (--help lists the options)", argv[optind]);
  if (o.trace == NULL) fail(2, "--trace FILE is needed (--help lists the options)");
  if (o.kernels == NULL) fail(2, "--kernels FILE is needed (--help lists the options)");
  return o;
}
