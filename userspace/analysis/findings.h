/* SPDX-License-Identifier: GPL-2.0 */
/* What the doctor found before a run's boots */
#ifndef SPLITBENCH_FINDINGS_H
#define SPLITBENCH_FINDINGS_H

#include "analysis/result.h"

/*
 * What was found on a machine before a boot's measuring, added to that of others: for
 * each check the boots in which it was fixed, and the others with what was found.
 */
void findings_add(struct analysis *a, const struct record_header *header,
		  const char *path);

/* Noise sources that were present and not fixed, a line each; to be freed by json_decref() */
json_t *analysis_spoiled(const struct analysis *a);

#endif /* SPLITBENCH_FINDINGS_H */
