// SPDX-License-Identifier: GPL-2.0
/* splitbench cover: what goes into a cover letter, and onto a page for a link */

#include "cmd/builtin.h"
#include "report/cover.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"

#define MAX_FIGURES	16

/**
 * struct options - what the command line says
 * @dir: folder of the run, or of the base's and of what is held against it
 * @data: folder for what plots/change.gp draws; NULL: none
 * @plot: a figure as text, for the text
 * @html: file of the page; NULL: none
 * @text: file of the text; NULL: none
 * @figures: SVGs for the page, ended by NULL
 */
struct options {
	const char *dir[NR_SIDES];
	const char *data;
	const char *plot;
	const char *html;
	const char *text;
	const char *figures[MAX_FIGURES + 1];
};

static const struct option_row rows[] = {
	{ OPTION(TEXT, "text", 't', "FILE", "write the text to FILE (default: print it)", text) },
	{ OPTION(TEXT, "html", 'w', "FILE", "write an HTML page to FILE", html) },
	{ OPTION(TEXT, "plot", 'p', "FILE", "include FILE, a figure as text, in the text", plot) },
	{ OPTION(LIST, "figure", 'f', "FILE",
		 "include FILE, an SVG, in the page; may be repeated", figures),
	  .max = MAX_FIGURES },
	{ OPTION(TEXT, "data", 'd', "DIR",
		 "write the data for plots/change.gp to DIR", data) },
	{ }
};

static void write_all(const struct options *o, const struct report *r)
{
	struct output out;

	if (o->data)
		report_plotdata(r, o->data);
	if (o->html) {
		size_t nr = 0;

		while (o->figures[nr])
			nr++;
		report_html(r, o->figures, nr, output_open(&out, o->html));
		output_close(&out);
	}
	if (o->text || (!o->html && !o->data)) {
		report_text(r, o->plot, output_open(&out, o->text ? o->text : "-"));
		output_close(&out);
	}
}

int cmd_cover(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows, .args_doc = "RUN | A B",
		.args = offsetof(struct options, dir), .min_args = 1, .max_args = NR_SIDES,
		.doc = "Write the text for a patch's cover letter from the run in folder RUN, old against new, or from a comparison of run B with run A. Plain ASCII, 72 columns.",
	};
	struct options o = { 0 };
	struct report r;

	options_parse(&table, argc, argv, &o);
	output_distinct((const char *const[]){ o.text, o.html }, 2);
	if (o.dir[SIDE_B]) {
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
