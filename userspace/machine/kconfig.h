/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration of the running kernel */
#ifndef SPLITBENCH_KCONFIG_H
#define SPLITBENCH_KCONFIG_H

#include <jansson.h>

/* SHA-256 of the running kernel's configuration, or null if it is not known */
json_t *kconfig_sha256(void);

/* The options that are on and change the measured loop, as a list of names */
json_t *kconfig_debug_options(void);

#endif /* SPLITBENCH_KCONFIG_H */
