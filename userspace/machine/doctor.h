/* SPDX-License-Identifier: GPL-2.0 */
/* Noise sources of a machine, and how to fix them */
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
 * doctor_fix() - fix what is safe to fix; the guard undoes it
 * @findings: of this machine; @fixed is set in those that were fixed
 * @nr: how many
 *
 * What cannot be fixed is reported.
 */
void doctor_fix(struct finding *findings, size_t nr);

/* Findings as an object, by the names of their checks */
json_t *doctor_json(const struct finding *findings, size_t nr);

#endif /* SPLITBENCH_DOCTOR_H */
