/* SPDX-License-Identifier: GPL-2.0 */
/* What about a machine would spoil a measurement, and how to mend it */
#ifndef SPLITBENCH_DOCTOR_H
#define SPLITBENCH_DOCTOR_H

#include <jansson.h>
#include <stddef.h>

#include "machine/finding.h"

/**
 * doctor_look() - examine the machine; nothing is changed
 * @where: which one
 * @findings: gets them, the worst first, to be freed
 *
 * Return: how many there are.
 */
size_t doctor_look(const struct doctor_where *where, struct finding **findings);

/**
 * doctor_fix() - mend what is safe to mend, for as long as the guard is there
 * @findings: of this machine; of what was mended, mended is set
 * @nr: how many
 *
 * What cannot be mended is told.
 */
void doctor_fix(struct finding *findings, size_t nr);

/* Findings as an object, by the names of their checks */
json_t *doctor_json(const struct finding *findings, size_t nr);

#endif /* SPLITBENCH_DOCTOR_H */
