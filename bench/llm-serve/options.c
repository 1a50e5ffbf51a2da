/* The command line, by getopt_long. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: llm-serve --trace FILE --kernels FILE [--seconds S] [--rate R] [--max-prefill-tokens N] [--max-batch N]\n"
    "                 [--progress]\n";

static double number(const char *name, const char *text, double low, double high) {
  char *end;
  double value = strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= low && value <= high)) {
    fprintf(stderr, "llm-serve: --%s %s: a number from %g to %g is needed\n", name, text, low, high);
    exit(2);
  }
  return value;
}

options options_read(int argc, char **argv) {
  static const struct option known[] = {{"trace", required_argument, NULL, 't'},
                                        {"kernels", required_argument, NULL, 'k'},
                                        {"seconds", required_argument, NULL, 's'},
                                        {"rate", required_argument, NULL, 'r'},
                                        {"max-prefill-tokens", required_argument, NULL, 'p'},
                                        {"max-batch", required_argument, NULL, 'b'},
                                        {"progress", no_argument, NULL, 'P'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  options o = {.rate = 1, .max_prefill_tokens = 8192, .max_batch = 256};
  for (int c; (c = getopt_long(argc, argv, "h", known, NULL)) != -1;) switch (c) {
      case 't': o.trace = optarg; break;
      case 'k': o.kernels = optarg; break;
      case 's': o.seconds = number("seconds", optarg, 0, 1e7); break;
      case 'r': o.rate = number("rate", optarg, 1e-6, 1e9); break;
      case 'p': o.max_prefill_tokens = (uint32_t)number("max-prefill-tokens", optarg, 16, 65536); break;
      case 'b': o.max_batch = (uint32_t)number("max-batch", optarg, 1, 4096); break;
      case 'P': o.progress = true; break;
      case 'h': fputs(usage, stdout); exit(0);
      default: fputs(usage, stderr); exit(2);
    }
  if (o.trace == NULL || o.kernels == NULL || optind != argc) {
    fputs(usage, stderr);
    exit(2);
  }
  return o;
}
