/* SPDX-License-Identifier: GPL-2.0 */
/* A command of the user's that is run by ours: begun when all is ready for it */
#ifndef SPLITBENCH_COMMAND_H
#define SPLITBENCH_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct command - a process that is to become a command
 * @pid: of it
 * @go: pipe that it waits at, and answers on if it could not become it
 */
struct command {
	pid_t pid;
	int go;
};

/**
 * command_prepare() - fork a process that waits for command_go()
 * @command: to be set
 * @argv: what it will execute
 * @own_group: it leads a process group of its own
 *
 * Does not return if there can be no process. If we end before command_go(), so does it.
 */
void command_prepare(struct command *command, char *const *argv, bool own_group);

/**
 * command_go() - let it begin
 * @command: of command_prepare()
 *
 * Return: 0; the errno of why it could not be executed: it has ended, then.
 */
int command_go(struct command *command);

/* Return: its exit status; 128 and the signal's number if it died of one */
int command_status(int status);

#endif /* SPLITBENCH_COMMAND_H */
