/* SPDX-License-Identifier: GPL-2.0 */
/* Which split migrations take, in a kernel with several of them */
#ifndef SPLITBENCH_SPLIT_SWITCH_H
#define SPLITBENCH_SPLIT_SWITCH_H

#include <stdbool.h>
#include <stddef.h>

#include "record/arm.h"

/* Of mm/migrate_device.c in a kernel with the series */
#define SPLIT_SWITCH	"/sys/kernel/debug/migrate_split_variant"

/*
 * Does this kernel have the switch? The guard puts it back to what it is now. Dies
 * if it is there and may not be changed.
 */
bool split_switch_there(void);

/* The arms that it has, as bits. It is set to new then. */
unsigned int split_switch_arms(void);

/* Have migrations take this arm's split. */
void split_switch_set(unsigned int arm);

/**
 * split_switch_changed() - has somebody else set the switch since?
 * @arm: what it was set to
 * @why: gets what it is, in words
 * @size: of @why
 *
 * Return: 1 if so; 0 if not.
 */
int split_switch_changed(unsigned int arm, char *why, size_t size);

#endif /* SPLITBENCH_SPLIT_SWITCH_H */
