// SPDX-License-Identifier: GPL-2.0
/* Run a command with THPs disabled by prctl(), as a service may be */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2 || prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		return 64;
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 70;
}
