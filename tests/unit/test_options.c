// SPDX-License-Identifier: GPL-2.0
/* Tests of command lines by a table */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../wanted.h"
#include "util/options.h"
#include "util/util.h"

struct options {
	const char *arg[2];
	bool flag;
	const char *text;
	const char *list[3];
	unsigned int number;
	size_t length;
	char **command;
};

static const char *take_length(void *options, char *arg)
{
	struct options *o = options;

	o->length = strlen(arg);
	return o->length > 3 ? "is too long" : NULL;
}

static const struct option_row rows[] = {
	{ OPTION(FLAG, "flag", 'f', NULL, "a flag", flag) },
	{ OPTION(TEXT, "text", 't', "TEXT", "a text", text) },
	{ OPTION(LIST, "list", 'l', "TEXT", "a list", list), .max = 2 },
	{ OPTION(NUMBER, "number", 'n', "N", "a number", number), .min = 2, .max = 9 },
	{ OPTION(CALL, "length", 'x', "TEXT", "its length", length), .call = take_length },
	{ }
};

static const struct option_table table = {
	.rows = rows, .doc = "For tests.", .args_doc = "A [B]",
	.args = offsetof(struct options, arg), .min_args = 1, .max_args = 2,
};

static const char *check_text(void *options)
{
	return ((struct options *)options)->text ? NULL : "--text is needed";
}

/* Of a command that runs another one */
static const struct option_table runs_command = {
	.rows = rows, .doc = "For tests.", .args_doc = "COMMAND...", .command = true,
	.args = offsetof(struct options, command), .check = check_text,
};

#define PARSE(_o, ...)								\
	parse(&table, _o, (char *[]){ "test", __VA_ARGS__, NULL })

static void parse(const struct option_table *of, struct options *o, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	options_parse(of, argc, argv, o);
}

static void each_kind_is_stored(void **state)
{
	char length[] = "abc";
	struct options o = { 0 };

	(void)state;
	PARSE(&o, "a", "-f", "--text=b", "-l", "c", "-l", "d", "-n", "9", "-x", length);
	assert_string_equal(o.arg[0], "a");
	assert_null(o.arg[1]);
	assert_true(o.flag);
	assert_string_equal(o.text, "b");
	assert_string_equal(o.list[0], "c");
	assert_string_equal(o.list[1], "d");
	assert_null(o.list[2]);
	assert_int_equal(o.number, 9);
	assert_int_equal(o.length, 3);
}

static void what_is_not_given_stays(void **state)
{
	struct options o = { .text = "default", .number = 5 };

	(void)state;
	PARSE(&o, "a", "b");
	assert_string_equal(o.arg[1], "b");
	assert_string_equal(o.text, "default");
	assert_int_equal(o.number, 5);
	assert_false(o.flag);
}

/* Exit status of a child that parses it */
#define STATUS(...)	status_of(&table, (char *[]){ "test", __VA_ARGS__, NULL })

static int status_of(const struct option_table *of, char **argv)
{
	struct options o = { 0 };
	pid_t pid = fork();
	int status;

	if (!pid) {
		close(STDERR_FILENO);
		parse(of, &o, argv);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void wrong_command_lines_are_refused(void **state)
{
	char longer[] = "abcd";

	(void)state;
	assert_int_equal(STATUS("a"), 0);
	assert_int_equal(STATUS("-f"), EXIT_USAGE);
	assert_int_equal(STATUS("a", "b", "c"), EXIT_USAGE);
	assert_int_equal(STATUS("a", "-n", "1"), EXIT_USAGE);
	assert_int_equal(STATUS("a", "-n", "10"), EXIT_USAGE);
	assert_int_equal(STATUS("a", "-l", "1", "-l", "2", "-l", "3"), EXIT_USAGE);
	assert_int_equal(STATUS("a", "-x", longer), EXIT_USAGE);
	assert_int_equal(STATUS("a", "--unknown"), EXIT_USAGE);
}

/* From its first word on, a command's options are its own. */
static void command_has_its_own_options(void **state)
{
	char *argv[] = { "test", "-t", "a", "cp", "-f", "--text=b", NULL };
	struct options o = { 0 };

	(void)state;
	parse(&runs_command, &o, argv);
	assert_string_equal(o.text, "a");
	assert_false(o.flag);
	assert_ptr_equal(o.command, argv + 3);
	o.command = NULL;
	parse(&runs_command, &o, (char *[]){ "test", "-t", "a", NULL });
	assert_null(o.command);
}

static void options_are_checked_together(void **state)
{
	(void)state;
	assert_int_equal(status_of(&runs_command, (char *[]){ "test", "cp", NULL }), EXIT_USAGE);
	assert_int_equal(status_of(&runs_command, (char *[]){ "test", "-t", "a", "cp", NULL }),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_stored),
		cmocka_unit_test(what_is_not_given_stays),
		cmocka_unit_test(wrong_command_lines_are_refused),
		cmocka_unit_test(command_has_its_own_options),
		cmocka_unit_test(options_are_checked_together),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
