/* SPDX-License-Identifier: GPL-2.0 */
/* Can a program get PMD-sized THPs of anonymous memory where it asks for them? */
#ifndef SPLITBENCH_THP_ENABLED_H
#define SPLITBENCH_THP_ENABLED_H

#include <stdbool.h>

#include "machine/finding.h"

/**
 * thp_allow() - undo a PR_SET_THP_DISABLE that this process has inherited
 *
 * It is inherited across fork() and execve(), so it may be set in a service or a
 * container without anybody's asking. Processes that are forked later are as this one.
 * Whether it had an effect is for thp_disabled() to see.
 */
void thp_allow(void);

/**
 * thp_disabled() - is there a setting that withholds THPs from memory with MADV_HUGEPAGE?
 * @text: returns a file as text, to be freed, or NULL if it cannot be read
 * @f: what it is and how to fix it, if there is one
 *
 * Looks at the general setting, the one of the PMD's size, and at the process's own.
 *
 * Return: true, with @f filled in, if there is one.
 */
bool thp_disabled(char *(*text)(const char *path), struct finding *f);

#endif /* SPLITBENCH_THP_ENABLED_H */
