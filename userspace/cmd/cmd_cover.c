// SPDX-License-Identifier: GPL-2.0
/* splitbench cover: what goes into a cover letter, and onto a page for a link */
#include <argp.h>

#include "cmd/builtin.h"
#include "report/cover.h"
#include "util/output.h"
#include "util/util.h"

#define MAX_FIGURES	16

/**
 * struct options - what the command line says
 * @dir: folder of the run, or of the base's and of what is held against it
 * @nr: how many
 * @data: folder for what plots/change.gp draws; NULL: none
 * @plot: a figure as text, for the text
 * @html: file of the page; NULL: none
 * @text: file of the text; NULL: none
 * @figures: SVGs for the page
 * @nr_figures: how many
 */
struct options {
	const char *dir[NR_SIDES];
	int nr;
	const char *data;
	const char *plot;
	const char *html;
	const char *text;
	const char *figures[MAX_FIGURES];
	size_t nr_figures;
};

static const struct argp_option options[] = {
	{ "text", 't', "FILE", 0, "write the text there (-)", 0 },
	{ "html", 'w', "FILE", 0, "write the page there", 0 },
	{ "plot", 'p', "FILE", 0, "a figure as text, for the text", 0 },
	{ "figure", 'f', "FILE", 0, "an SVG for the page; may be repeated", 0 },
	{ "data", 'd', "DIR", 0, "write what plots/change.gp draws there", 0 },
	{ }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 't':
		o->text = arg;
		break;
	case 'w':
		o->html = arg;
		break;
	case 'p':
		o->plot = arg;
		break;
	case 'd':
		o->data = arg;
		break;
	case 'f':
		if (o->nr_figures == MAX_FIGURES)
			argp_error(state, "more than %d figures", MAX_FIGURES);
		o->figures[o->nr_figures++] = arg;
		break;
	case ARGP_KEY_ARG:
		if (o->nr == NR_SIDES)
			argp_usage(state);
		o->dir[o->nr++] = arg;
		break;
	case ARGP_KEY_END:
		if (!o->nr)
			argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void write_all(const struct options *o, const struct report *r)
{
	struct output out;

	if (o->data)
		report_plotdata(r, o->data);
	if (o->html) {
		report_html(r, o->figures, o->nr_figures,
			    output_open(&out, o->html));
		output_close(&out);
	}
	if (o->text || (!o->html && !o->data)) {
		report_text(r, o->plot, output_open(&out, o->text ? o->text : "-"));
		output_close(&out);
	}
}

int cmd_cover(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options, .parser = parse, .args_doc = "RUN | A B",
		.doc = "Write the text for a patch's cover letter from the run in folder RUN, old against new, or from a comparison of run B with run A. Plain ASCII, 72 columns.",
	};
	struct options o = { 0 };
	struct report r;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	output_distinct((const char *const[]){ o.text, o.html }, 2);
	if (o.nr == NR_SIDES) {
		struct comparison c = compare_runs(o.dir[SIDE_A], o.dir[SIDE_B]);

		r = report_of_comparison(&c);
		write_all(&o, &r);
		report_free(&r);
		compare_free(&c);
	} else {
		struct analysis run = analyse(o.dir[0]);

		r = report_of_run(&run, o.dir[0]);
		write_all(&o, &r);
		report_free(&r);
		analysis_free(&run);
	}
	return EXIT_DONE;
}
