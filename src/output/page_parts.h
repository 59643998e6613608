/* What is the same on every page: the head, the style, the script. */
#ifndef GP_OUTPUT_PAGE_PARTS_H
#define GP_OUTPUT_PAGE_PARTS_H

extern const char gp_page_head[], gp_page_style[], gp_page_script[];
#endif
