// The publication's ink, before anything is drawn. Not a module: modules run too late for that.
document.documentElement.dataset.ink = document.currentScript.dataset.ink;
