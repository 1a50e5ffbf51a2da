/* What is said of the process at its end: the counts, and how FlexNPU stands among the libraries of the process. */
#ifndef FX_REPORT_H
#define FX_REPORT_H

/*
 * A JSON object, in memory of malloc; NULL where there is none. Beside the counts: `libraries`, the files of the process in
 * the order in which the loader looks names up; `self`, ours among them; `real`, those that calls are forwarded to; and
 * whether we are in front of libc, so that dlsym is ours.
 */
char *fx_report_json(void);

#endif
