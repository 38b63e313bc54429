// SPDX-License-Identifier: GPL-2.0
/* The arms, by name; and what a kernel says of each that it has */
#include "record/arm.h"

#include <ctype.h>
#include <string.h>

#include "util/util.h"

/*
 * Of records that do not define their arms, and of migrations. They are known from
 * the start, with the numbers that these records gave them.
 */
static const struct {
	const char *name;
	struct arm_def def;
} usual[] = {
	[ARM_EMPTY] = { .name = "empty" },
	[ARM_OLD] = { "old", { .code = "old", .against = "new" } },
	[ARM_NEW] = { "new", { .code = "new" } },
	{ "again", { .code = "again", .control = true } },
	{ "same", { .control = true } },
	{ "same_old", { .code = "old", .against = "old", .control = true } },
};

/* Those that were met */
static char met[ARM_MAX - ARRAY_SIZE(usual)][ARM_NAME_LEN];
static unsigned int nr_met;

unsigned int arms_known(void)
{
	return ARRAY_SIZE(usual) + nr_met;
}

const char *arm_name(unsigned int arm)
{
	return arm_is_usual(arm) ? usual[arm].name : met[arm - ARRAY_SIZE(usual)];
}

bool arm_is_usual(unsigned int arm)
{
	return arm < ARRAY_SIZE(usual);
}

unsigned int arm_number(const char *name)
{
	for (unsigned int arm = 0; arm < arms_known(); arm++) {
		if (!strcmp(arm_name(arm), name))
			return arm;
	}
	return ARM_NONE;
}

bool arm_is_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++) {
		if (!isascii(name[i]) || !(isalnum(name[i]) || strchr("-_", name[i])))
			return false;
	}
	return n && n < ARM_NAME_LEN && isalpha(name[0]);
}

unsigned int arm_add(const char *name)
{
	unsigned int arm = arm_number(name);

	if (arm != ARM_NONE || nr_met == ARRAY_SIZE(met))
		return arm;
	strcpy(met[nr_met], name);
	return ARRAY_SIZE(usual) + nr_met++;
}

struct arm_defs arm_defs_usual(void)
{
	struct arm_defs defs = { 0 };

	for (unsigned int arm = 0; arm < arms_known(); arm++) {
		if (arm_is_usual(arm))
			defs.def[arm] = usual[arm].def;
		else
			strcpy(defs.def[arm].code, arm_name(arm));
	}
	return defs;
}

const char *arm_code(const struct arm_defs *defs, unsigned int arm, unsigned int own)
{
	const char *code = defs->def[arm].code;

	return *code ? code : arm_name(own);
}

unsigned int arm_against(const struct arm_defs *defs, unsigned int arm, unsigned int own)
{
	const char *against = defs->def[arm].against;

	if (arm == own || arm == ARM_EMPTY)
		return ARM_NONE;
	return *against ? arm_number(against) : own;
}

bool arm_same_code(const struct arm_defs *defs, unsigned int a, unsigned int b,
		   unsigned int own)
{
	return !strcmp(arm_code(defs, a, own), arm_code(defs, b, own));
}

unsigned int arm_controls(const struct arm_defs *defs)
{
	unsigned int controls = 0;

	for (unsigned int arm = 0; arm < ARM_MAX; arm++)
		controls |= defs->def[arm].control ? ARM_BIT(arm) : 0;
	return controls;
}
