// The page of the library: choosing files, and putting more in. It works without this, a page at a time.
import { followChoosing } from "./library_choosing.js";
import { followUploads } from "./library_uploads.js";

const form = document.getElementById("changelist-form");
if (form) followChoosing(form);
const panel = document.querySelector(".lpm-uploads");
if (panel) followUploads(panel);
