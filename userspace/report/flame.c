// SPDX-License-Identifier: GPL-2.0
/* A flame graph of sampled stacks, as SVG */
#include "report/flame.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

/* Frames of a sample; what is deeper is left out, and the rest still adds up. */
#define MAX_DEPTH	128

/* On 64 bits, the kernel is in the upper half. */
#define KERNEL_FROM	(UINT64_C(1) << 63)

/**
 * struct stack - the kernel's frames of a sample, the innermost first
 * @name: of each
 * @nr: how many
 * @lines: of it, whatever they are of
 */
struct stack {
	char name[MAX_DEPTH][FLAME_NAME_LEN];
	size_t nr;
	size_t lines;
};

static struct flame_node *child_of(struct flame_node *node, const char *name)
{
	struct flame_node **at = &node->child, *child;

	while (*at && strcmp((*at)->name, name) < 0)
		at = &(*at)->next;
	if (*at && !strcmp((*at)->name, name))
		return *at;
	child = calloc(1, sizeof(*child));
	if (!child)
		die(EXIT_HARNESS, "out of memory");
	strcpy(child->name, name);
	child->next = *at;
	*at = child;
	return child;
}

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++) {
		if (!strcmp(name, *list))
			return true;
	}
	return false;
}

static void add(struct flame *flame, const struct stack *stack,
		const char *const *below)
{
	struct flame_node *node = &flame->root;
	size_t from = stack->nr;

	flame->all++;
	/* The outermost of them, so that recursion stays inside. */
	while (*below && from && !is_one_of(stack->name[from - 1], below))
		from--;
	if (!from)
		return;
	node->samples++;
	while (from--) {
		node = child_of(node, stack->name[from]);
		node->samples++;
	}
	node->self++;
}

/* Return: false if the line is none of perf's. */
static bool add_frame(struct stack *stack, const char *line)
{
	char name[FLAME_NAME_LEN];
	uint64_t ip;

	if (sscanf(line, "%" SCNx64 " %95s", &ip, name) != 2)
		return false;
	stack->lines++;
	if (ip < KERNEL_FROM || stack->nr == MAX_DEPTH)
		return true;
	if (*name != '.')
		name[strcspn(name, ".")] = '\0';
	strcpy(stack->name[stack->nr++], name);
	return true;
}

unsigned long flame_read(struct flame *flame, FILE *file,
			 const char *const *below)
{
	struct stack *stack = grow(NULL, 1, sizeof(*stack));
	unsigned long number = 0, bad = 0;
	char *line = NULL;
	size_t size = 0;

	*flame = (struct flame){ 0 };
	stack->nr = 0;
	stack->lines = 0;
	while (!bad && getline(&line, &size, file) > 0) {
		number++;
		if (line[strspn(line, " \t\n")]) {
			if (!add_frame(stack, line))
				bad = number;
			continue;
		}
		if (stack->lines)
			add(flame, stack, below);
		stack->nr = 0;
		stack->lines = 0;
	}
	if (!bad && stack->lines)
		add(flame, stack, below);
	free(line);
	free(stack);
	return bad;
}

static void free_children(struct flame_node *node)
{
	struct flame_node *next;

	for (struct flame_node *child = node->child; child; child = next) {
		next = child->next;
		free_children(child);
		free(child);
	}
}

void flame_free(struct flame *flame)
{
	free_children(&flame->root);
	*flame = (struct flame){ 0 };
}

/**
 * struct sums - of each function
 * @hot: them
 * @nr: how many
 */
struct sums {
	struct flame_hot *hot;
	size_t nr;
};

static void sum_up(struct sums *sums, const struct flame_node *node)
{
	size_t i = 0;

	for (const struct flame_node *child = node->child; child; child = child->next)
		sum_up(sums, child);
	if (!node->self)
		return;
	while (i < sums->nr && strcmp(sums->hot[i].name, node->name))
		i++;
	if (i == sums->nr) {
		sums->hot = grow(sums->hot, ++sums->nr, sizeof(*sums->hot));
		strcpy(sums->hot[i].name, node->name);
		sums->hot[i].self = 0;
	}
	sums->hot[i].self += node->self;
}

static int hotter(const void *a, const void *b)
{
	const struct flame_hot *x = a, *y = b;

	if (x->self != y->self)
		return x->self < y->self ? 1 : -1;
	return strcmp(x->name, y->name);
}

size_t flame_hot(const struct flame *flame, struct flame_hot *hot, size_t nr)
{
	struct sums sums = { 0 };

	sum_up(&sums, &flame->root);
	if (sums.nr)
		qsort(sums.hot, sums.nr, sizeof(*sums.hot), hotter);
	if (nr > sums.nr)
		nr = sums.nr;
	if (nr)
		memcpy(hot, sums.hot, nr * sizeof(*hot));
	free(sums.hot);
	return nr;
}

static void write_children(const struct flame_node *node, unsigned int depth,
			   uint64_t left, uint64_t all, FILE *file)
{
	for (const struct flame_node *child = node->child; child; child = child->next) {
		fprintf(file, "%u %.6f %.6f %.4f \"%s\"\n", depth,
			100.0 * left / all, 100.0 * (left + child->samples) / all,
			100.0 * child->self / all, child->name);
		write_children(child, depth + 1, left, all, file);
		left += child->samples;
	}
}

void flame_write(const struct flame *flame, FILE *file)
{
	if (flame->root.samples)
		write_children(&flame->root, 0, 0, flame->root.samples, file);
}
