/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel modules, loaded for as long as we live */
#ifndef SPLITBENCH_KMOD_H
#define SPLITBENCH_KMOD_H

#include <stdbool.h>

/* Is a module of that name loaded, or built in? */
bool is_loaded(const char *name);

/**
 * load_module() - load a module that is not loaded, for as long as we live
 * @name: its name
 * @path: its file; NULL: the one that belongs to the running kernel
 *
 * The guard unloads it, on whatever way out.
 *
 * Return: 0; a positive errno.
 */
int load_module(const char *name, const char *path);

#endif /* SPLITBENCH_KMOD_H */
