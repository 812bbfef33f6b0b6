// Text fields as high as their text, in browsers that do not do it by themselves.
export function growWithText(fields) {
  for (const field of fields) {
    // A title is one line of thought; Enter leads on to the summary.
    if (field.id === "id_title") {
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          document.getElementById("id_excerpt")?.focus();
        }
      });
    }
    if (CSS.supports("field-sizing", "content")) continue;
    const grow = () => {
      const place = window.scrollY;
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight}px`;
      window.scrollTo({ top: place });
    };
    field.addEventListener("input", grow);
    window.addEventListener("resize", grow);
    grow();
  }
}
