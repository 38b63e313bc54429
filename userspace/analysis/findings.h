/* SPDX-License-Identifier: GPL-2.0 */
/* What the doctor found before a run's boots */
#ifndef SPLITBENCH_FINDINGS_H
#define SPLITBENCH_FINDINGS_H

#include "analysis/result.h"

/*
 * What was found on a machine before a boot's measuring, added to that of others: for
 * each check the boots that were mended, and of the others each with what it was.
 */
void findings_add(struct analysis *a, const struct record_header *header,
		  const char *path);

/* What spoiled boots and was not mended, a line each; to be given back */
json_t *analysis_spoiled(const struct analysis *a);

#endif /* SPLITBENCH_FINDINGS_H */
