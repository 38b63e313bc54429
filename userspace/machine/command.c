// SPDX-License-Identifier: GPL-2.0
/* A command of the user's that is run by ours: begun when all is ready for it */
#include "machine/command.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/util.h"

/* In the child: does not return. */
static void become(char *const *argv, int go, bool own_group)
{
	char ready;
	int error;

	if (own_group)
		setpgid(0, 0);
	/* We are gone, or were not heard. */
	if (read(go, &ready, 1) != 1)
		_exit(EXIT_HARNESS);
	/* Our guard's parent ignores it; the command is not to. */
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	error = errno;
	if (write(go, &error, sizeof(error)) != sizeof(error))
		_exit(EXIT_HARNESS);
	_exit(EXIT_SKIP);
}

void command_prepare(struct command *command, char *const *argv, bool own_group)
{
	int go[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go))
		die(EXIT_HARNESS, "socketpair: %s", strerror(errno));
	command->pid = fork();
	if (command->pid < 0)
		die(EXIT_HARNESS, "fork: %s", strerror(errno));
	if (!command->pid) {
		close(go[1]);
		become(argv, go[0], own_group);
	}
	close(go[0]);
	command->go = go[1];
	if (own_group)
		setpgid(command->pid, command->pid);
}

int command_go(struct command *command)
{
	int error = 0;
	ssize_t n;

	if (write(command->go, "", 1) != 1)
		error = errno;
	while (!error && (n = read(command->go, &error, sizeof(error))) < 0) {
		if (errno != EINTR)
			error = errno;
	}
	close(command->go);
	return error;
}

int command_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
