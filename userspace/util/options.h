/* SPDX-License-Identifier: GPL-2.0 */
/* Command lines by a table: what options there are, and where each is stored */
#ifndef SPLITBENCH_OPTIONS_H
#define SPLITBENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum option_kind - what an option is stored in
 * @OPTION_FLAG: a bool, set to true
 * @OPTION_TEXT: a const char *
 * @OPTION_LIST: an array of @max + 1 const char *, ended by NULL; may be repeated
 * @OPTION_NUMBER: an unsigned int, from @min to @max
 * @OPTION_CALL: @call is called with the struct and the text; returns what is wrong
 *		 with it, or NULL
 */
enum option_kind {
	OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_NUMBER, OPTION_CALL
};

/**
 * struct option_row - an option
 * @name: without the dashes; NULL ends the table
 * @key: its letter
 * @kind: what it is stored in
 * @arg: what it takes, for the help; NULL for a flag
 * @help: a line for the help
 * @offset: of the member that it is stored in
 * @min: least number
 * @max: largest number, or longest list
 * @call: of OPTION_CALL
 * @group: options of a higher one follow in the help
 */
struct option_row {
	const char *name;
	int key;
	enum option_kind kind;
	const char *arg;
	const char *help;
	size_t offset;
	uint64_t min;
	uint64_t max;
	const char *(*call)(void *options, char *arg);
	int group;
};

#define OPTION(_kind, _name, _key, _arg, _help, _member)			\
	.name = _name, .key = _key, .kind = OPTION_##_kind, .arg = _arg,	\
	.help = _help, .offset = offsetof(struct options, _member)

/**
 * struct option_table - a command line
 * @rows: the options; NULL: none
 * @doc: for the help
 * @args_doc: the arguments, for the help
 * @args: offset of an array of @max_args const char * for the arguments
 * @min_args: as many are needed
 * @max_args: as many are taken
 * @command: the arguments are a command with its own options, stored at @args as a
 *	     char **, which stays as it is if there is none; @max_args is not used
 * @check: what is wrong with all of it together, or NULL; may be NULL
 */
struct option_table {
	const struct option_row *rows;
	const char *doc;
	const char *args_doc;
	size_t args;
	unsigned int min_args;
	unsigned int max_args;
	bool command;
	const char *(*check)(void *options);
};

/**
 * options_parse() - parse a command line
 * @table: what there is
 * @argc: of the command
 * @argv: of the command
 * @options: the struct that the offsets are of; what is not given stays as it is
 *
 * Does not return if the command line is wrong, or asks for help.
 */
void options_parse(const struct option_table *table, int argc, char **argv,
		   void *options);

#endif /* SPLITBENCH_OPTIONS_H */
