/* SPDX-License-Identifier: GPL-2.0 */
/* The splits of an unmapped folio that this kernel has for migrations */
#ifndef SPLITBENCH_SPLIT_PATH_H
#define SPLITBENCH_SPLIT_PATH_H

#include "record/arm.h"

/**
 * split_path_native() - the split that migrations call by default
 *
 * Found by the kernel's symbols, which only root can read everywhere.
 *
 * Return: ARM_NEW; ARM_OLD in a kernel from before the change. ARM_NEW too if the
 * kernel lists no symbols.
 */
unsigned int split_path_native(void);

/*
 * Arms that migrations can take, as bits: the native one, or the old and the new one
 * where the kernel has the switch.
 */
unsigned int split_path_arms(void);

/* The function of an arm, which is ARM_OLD or ARM_NEW */
const char *split_path_function(unsigned int arm);

#endif /* SPLITBENCH_SPLIT_PATH_H */
