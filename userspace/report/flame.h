/* SPDX-License-Identifier: GPL-2.0 */
/* Sampled stacks as a tree, and that as rectangles: a flame graph */
#ifndef SPLITBENCH_FLAME_H
#define SPLITBENCH_FLAME_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FLAME_NAME_LEN	96

/**
 * struct flame_node - a function, called by those above it
 * @name: its
 * @samples: of it and of all that it called
 * @self: of those, the ones in itself
 * @child: first of those that it called, by name; NULL: none
 * @next: after it, of the same caller
 */
struct flame_node {
	char name[FLAME_NAME_LEN];
	uint64_t samples;
	uint64_t self;
	struct flame_node *child;
	struct flame_node *next;
};

/**
 * struct flame - what was sampled
 * @root: its children are what was looked for, or what no other function called
 * @all: how many samples there were, with those that are not in the tree
 */
struct flame {
	struct flame_node root;
	uint64_t all;
};

/**
 * struct flame_hot - a function, wherever it was called from
 * @name: its
 * @self: samples in itself
 */
struct flame_hot {
	char name[FLAME_NAME_LEN];
	uint64_t self;
};

/**
 * flame_read() - take the kernel's stacks from perf's text
 * @flame: gets them; to be freed by flame_free()
 * @file: of "perf script -F ip,sym": a line a frame, the innermost first, and
 *	  an empty one after each sample
 * @below: names, ended by NULL: only what one of these called counts, from it
 *	   on; without any, all does
 *
 * What the compiler adds to a name (.cold, .isra.0) is left out.
 *
 * Return: 0; the number of the line that is no frame.
 */
unsigned long flame_read(struct flame *flame, FILE *file,
			 const char *const *below);
void flame_free(struct flame *flame);

/**
 * flame_hot() - where most samples are
 * @flame: of which
 * @hot: gets the functions, the hottest first
 * @nr: how many at most
 *
 * Return: how many.
 */
size_t flame_hot(const struct flame *flame, struct flame_hot *hot, size_t nr);

/**
 * flame_write() - rectangles, a line each, for plots/flame.gp
 * @flame: what
 * @file: gets depth, left and right edge (percent of the samples in the tree),
 *	  percent in itself, and the name between double quotes
 */
void flame_write(const struct flame *flame, FILE *file);

#endif /* SPLITBENCH_FLAME_H */
