// The writing page: each behaviour is a module of its own; the page works without all of them.
import { followCounts } from "./counters.js";
import { followChecks } from "./checks.js";
import { followPictures } from "./pictures.js";
import { followPreview } from "./preview.js";
import { followSlug } from "./slug.js";
import { followTags } from "./tags.js";
import { followText } from "./toolbar.js";
import { guardChanges } from "./guard.js";
import { keepWords } from "./autosave.js";
import { askFirst } from "./dialogs.js";
import { growWithText } from "./growing.js";
import { followReview } from "./review.js";
import { followEditors } from "./presence.js";

const page = document.querySelector(".lp-edit");
const form = page.closest("form");
followTags(form);
growWithText(page.querySelectorAll(".lp-sheet textarea"));
const chooser = followPictures(page);
followText(page, chooser);
followCounts(page, form);
followPreview(page, form);
followSlug(form);
followChecks(page, form);
guardChanges(form, keepWords(form));
askFirst();
followReview(form);
followEditors(form);
