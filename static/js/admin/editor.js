// The writing page: each behaviour is a module of its own; the page works without all of them.
import { followCounts } from "./counters.js";
import { followPictures } from "./pictures.js";
import { followPreview } from "./preview.js";
import { followSlug } from "./slug.js";
import { followTags } from "./tags.js";
import { followText } from "./toolbar.js";
import { guardChanges } from "./guard.js";
import { askFirst } from "./dialogs.js";
import { growWithText } from "./growing.js";

const page = document.querySelector(".lp-edit");
const form = page.closest("form");
followTags(form);
growWithText(page.querySelectorAll(".lp-sheet textarea"));
const chooser = followPictures(page);
followText(page, chooser);
followCounts(page, form);
followPreview(page, form);
followSlug(form);
guardChanges(form);
askFirst();
