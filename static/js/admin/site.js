// The site settings: lines of menus move, and the home page beside the form shows what would be saved.
import { followLines } from "./site_lines.js";
import { followLook } from "./site_look.js";
import { followPictures } from "./pictures.js";
import { guardChanges } from "./guard.js";

const page = document.querySelector(".lp-sitepage");
const form = page.querySelector("form");
followPictures(form);
for (const menu of form.querySelectorAll("[data-menu]")) followLines(menu);
followLook(page, form);
guardChanges(form, null);
